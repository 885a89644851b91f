// The configuration of the swarm's nats-server: who may do what, and how much of everything.
import { streams } from '@triage/contracts'
import type { Instances, User } from './layout.ts'
import { users } from './layout.ts'
import { type Permissions, permissionsOf } from './permissions.ts'

export interface ServerOptions {
  /** host:port */
  listen: string
  /** Folder of what the streams keep. */
  store: string
  /** Public key of each user. */
  keys: Record<User, string>
  instances: Instances
  /** Paths; with `ca` the server wants a certificate of each client. Required when it listens on more than loopback. */
  tls?: { cert: string; key: string; ca?: string }
}

interface NkeyUser {
  nkey: string
  permissions?: Record<keyof Permissions, { allow: string[] }>
}

export interface ServerConfig {
  authorization: { users: NkeyUser[] }
  [setting: string]: unknown
}

/** As an object that nats-server reads as JSON. There is no user for those who have no key. */
export function serverConfig({ listen, store, keys, instances, tls }: ServerOptions): ServerConfig {
  return {
    server_name: 'triage',
    listen,
    // A report of more than 256 KiB is refused by the gateway, with its code and on record; this is only the wall behind it.
    max_payload: 1024 ** 2,
    // Every stream may take a gigabyte; the server refuses a stream for which there is no room left.
    jetstream: { store_dir: store, max_memory_store: 16 * 1024 ** 2, max_file_store: Object.keys(streams).length * 1024 ** 3 },
    authorization: {
      users: users.map((user) => {
        const { publish, subscribe } = permissionsOf(user, instances)
        return { nkey: keys[user], permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } } }
      })
    },
    ...(tls && { tls: { cert_file: tls.cert, key_file: tls.key, ...(tls.ca && { ca_file: tls.ca, verify: true }) } })
  }
}
