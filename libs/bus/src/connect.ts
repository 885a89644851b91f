// A user's connection to nats-server. Why each option is as it is: docs/decisions/0003-nats.md.
import { isIP } from 'node:net'
import { connect, type NatsConnection, nkeyAuthenticator, type TlsOptions } from '@nats-io/transport-node'
import { TriageError } from '@triage/contracts'
import { toBusError } from './bus-error.ts'
import { inboxOf } from './layout.ts'
import { readSeed } from './nkeys.ts'

export interface NatsOptions {
  /** nats://host:port, or tls://host:port, which a server on another machine must have. */
  url: string
  /** Whose connection it is. */
  user: string
  /** Path of the user's seed. */
  nkey: string
  /** Tells the connections of a user apart in the server's monitoring. */
  instance?: string
  /** Paths of the authority's certificate, when it is no public one, and of a certificate and key of one's own. */
  tls?: { ca?: string; cert?: string; key?: string }
  /** Told of the connection's ups and downs, and of what the server refused. */
  log?: (event: string, detail: unknown) => void
  /** Give up the first connection after this long; wait for ever when absent. */
  connectTimeoutMs?: number
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))

/** With TLS options the client speaks to no server that does not encrypt. Throws E_BUS_PLAINTEXT, E_CONFIG. */
function tlsOf(url: string, files: NonNullable<NatsOptions['tls']> = {}): TlsOptions | undefined {
  const address = URL.parse(url)
  if (!address || !['nats:', 'tls:'].includes(address.protocol))
    throw new TriageError('E_CONFIG', `${url} is no address of a message bus: nats://host:port or tls://host:port`)
  const { ca, cert, key } = files
  if (address.protocol === 'tls:' || ca || cert) return { caFile: ca, certFile: cert, keyFile: key }
  if (isLoopback(address.hostname)) return undefined
  throw new TriageError('E_BUS_PLAINTEXT', `${url} is not on this machine and not a tls:// address`)
}

/**
 * Connects; waits for the server for ever, or for `connectTimeoutMs`. Throws E_BUS_UNREACHABLE, E_BUS_FORBIDDEN when the server
 * does not know the key, E_BUS_PLAINTEXT, E_KEYS_MODE, E_KEYS_INVALID.
 */
export async function openConnection(options: NatsOptions): Promise<NatsConnection> {
  const tls = tlsOf(options.url, options.tls)
  const { host } = URL.parse(options.url)!
  const connection = await connect({
    servers: host,
    ...(tls && { tls }),
    authenticator: nkeyAuthenticator(readSeed(options.nkey)),
    name: options.instance ? `${options.user}-${options.instance}` : options.user,
    inboxPrefix: inboxOf(options.user),
    // A server could name others that do not encrypt.
    ignoreClusterUpdates: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: options.connectTimeoutMs === undefined,
    timeout: options.connectTimeoutMs ?? 20_000,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true
  }).catch(toBusError)
  void (async () => {
    for await (const status of connection.status()) options.log?.(status.type, status)
  })()
  return connection
}
