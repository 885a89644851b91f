import { createClient, ErrorReply } from 'redis'
import { bounded } from './bounded.ts'
import { errorCode, errorText } from './error-text.ts'
import type { Logger } from './log.ts'
import { dependencyUp } from './metrics.ts'

export interface CacheSettings {
  host: string
  port: number
}

export interface Cache {
  /** Null when there is no such key or no connection. Throws what Redis itself answers as an error. */
  get(key: string): Promise<string | null>
  /** Never throws: what cannot be cached is read from the database again. */
  set(key: string, value: string, ttlSeconds: number): Promise<void>
  close(): void
}

/** At most one warning in this time, in milliseconds. */
const warnEveryMs = 5000
/** An answer that takes longer is not waited for: the database is not that slow. */
const timeoutMs = 500

/** A cache that reconnects for ever; while there is no connection it is empty. */
export function openCache(settings: CacheSettings, log: Logger): Cache {
  let warnedAt = Number.NEGATIVE_INFINITY
  const warn = (error: unknown): null => {
    // A service can do without its cache: it stays ready, and says so here alone.
    dependencyUp('cache', false)
    if (performance.now() - warnedAt < warnEveryMs) return null
    warnedAt = performance.now()
    log.warn(`the cache cannot be used, reading from the database: ${errorText(error)}`, { error: errorCode(error) })
    return null
  }
  const client = createClient({
    socket: { ...settings, reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 2000) },
    disableOfflineQueue: true,
    commandsQueueMaxLength: 5000
  })
  client.on('error', warn)
  client.on('ready', () => dependencyUp('cache', true))
  client.connect().catch(warn)
  return {
    async get(key) {
      try {
        const value = await bounded(client.get(key), timeoutMs)
        dependencyUp('cache', true)
        return value
      } catch (error) {
        if (error instanceof ErrorReply) throw error
        return warn(error)
      }
    },
    async set(key, value, ttlSeconds) {
      await bounded(client.set(key, value, { expiration: { type: 'EX', value: ttlSeconds } }), timeoutMs).catch(warn)
    },
    close: () => client.destroy()
  }
}
