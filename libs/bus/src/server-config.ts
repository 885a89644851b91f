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
  /** Public key of each user; there is no user for those who have none. */
  keys: Partial<Record<User, string>>
  instances: Instances
  /** A message is on the disk, not only on its way there, before it is acknowledged: it outlives a machine that loses its power. */
  syncAlways?: boolean
  /** host:port of its monitoring, which needs no credentials; none unless told. */
  monitor?: string
  /** Paths; with `ca` the server wants a certificate of each client. Required when it listens on more than loopback. */
  tls?: { cert: string; key: string; ca?: string }
}

interface NkeyUser {
  nkey: string
  permissions?: Record<keyof Permissions, { allow: string[] }>
}

interface ServerConfig {
  authorization: { users: NkeyUser[] }
  [setting: string]: unknown
}

/** As an object that nats-server reads as JSON. */
export function serverConfig({ listen, store, keys, instances, syncAlways, monitor, tls }: ServerOptions): ServerConfig {
  return {
    server_name: 'triage',
    listen,
    // A report of more than 256 KiB is refused by the gateway, with its code and on record; this is only the wall behind it.
    max_payload: 1024 ** 2,
    // Every stream may take a gigabyte; the server refuses a stream for which there is no room left.
    jetstream: {
      store_dir: store,
      max_memory_store: 16 * 1024 ** 2,
      max_file_store: Object.keys(streams).length * 1024 ** 3,
      ...(syncAlways && { sync_interval: 'always' })
    },
    ...(monitor && { http: monitor }),
    authorization: {
      users: users.flatMap((user) => {
        const { publish, subscribe } = permissionsOf(user, instances)
        const nkey = keys[user]
        return nkey ? [{ nkey, permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } } }] : []
      })
    },
    ...(tls && { tls: { cert_file: tls.cert, key_file: tls.key, ...(tls.ca && { ca_file: tls.ca, verify: true }) } })
  }
}
