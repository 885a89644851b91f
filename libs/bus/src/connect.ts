// A user's connection to nats-server. Why each option is as it is: docs/decisions/0003-nats.md.
import { isIP } from 'node:net'
import { connect, type NatsConnection, type TlsOptions } from '@nats-io/transport-node'
import { TriageError } from '@triage/contracts'
import { isRefusal, toBusError } from './bus-error.ts'
import { inboxOf } from './layout.ts'
import { readNkey } from './nkeys.ts'

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

const retryMs = 100

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))

/** With TLS options the client speaks to no server that does not encrypt. Throws E_BUS_PLAINTEXT, E_CONFIG. */
function tlsOf(url: string, { ca, cert, key }: NonNullable<NatsOptions['tls']> = {}): { host: string; tls?: TlsOptions } {
  const address = URL.parse(url)
  if (!address || !['nats:', 'tls:'].includes(address.protocol))
    throw new TriageError('E_CONFIG', `${url} is no address of a message bus: nats://host:port or tls://host:port`)
  const { host, hostname, protocol } = address
  // The client checks certificates for names only; `host` goes to the TLS socket, which checks those for addresses.
  const files = { caFile: ca, certFile: cert, keyFile: key, host: hostname }
  if (protocol === 'tls:' || ca || cert) return { host, tls: files }
  if (isLoopback(hostname)) return { host }
  throw new TriageError('E_BUS_PLAINTEXT', `${url} is not on this machine and not a tls:// address`)
}

/** Tries again and again, and says why not; but not when the server knows us and does not want us. */
async function patiently(attempt: () => Promise<NatsConnection>, log: NatsOptions['log']): Promise<NatsConnection> {
  for (let told = ''; ; ) {
    try {
      return await attempt()
    } catch (error) {
      if (isRefusal(error)) throw error
      const { message } = error as Error
      if (message !== told) log?.('error', { error })
      told = message
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/**
 * Connects; waits for the server for ever, or for `connectTimeoutMs`. Throws E_BUS_UNREACHABLE, E_BUS_FORBIDDEN when the server
 * does not know the key, E_BUS_PLAINTEXT, E_KEYS_MODE, E_KEYS_INVALID, E_CONFIG.
 */
export async function openConnection({
  url,
  user,
  nkey,
  instance,
  tls: files,
  log,
  connectTimeoutMs
}: NatsOptions): Promise<NatsConnection> {
  const { host, tls } = tlsOf(url, files)
  const key = readNkey(nkey)
  const authenticator = (nonce?: string) => ({ nkey: key.publicKey, sig: key.sign(nonce ?? '') })
  const attempt = (): Promise<NatsConnection> =>
    connect({
      servers: host,
      ...(tls && { tls }),
      authenticator,
      name: instance ? `${user}-${instance}` : user,
      inboxPrefix: inboxOf(user),
      // A server could name others that do not encrypt.
      ignoreClusterUpdates: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      timeout: connectTimeoutMs ?? 5_000,
      pingInterval: 5_000,
      maxPingOut: 2,
      noAsyncTraces: true
    })
  const connection = await (connectTimeoutMs === undefined ? patiently(attempt, log) : attempt()).catch(toBusError)
  void (async () => {
    for await (const status of connection.status()) log?.(status.type, status)
  })()
  return connection
}
