// Finds or installs redis-server, and the redis-cli that belongs to it.
import { dirname } from 'node:path'
import { packageManager } from './package-manager.ts'
import { onPath, serverFolders } from './path.ts'
import { type Found, ordered, redisServer } from './program.ts'
import type { Env } from './run.ts'
import { type SearchOptions, type Source, search } from './search.ts'

interface FoundRedisServer extends Found {
  /** redis-cli beside it, else on PATH; null if there is none. */
  cli: string | null
}

/**
 * The redis-server that REDIS_SERVER names, else one on PATH, else one of the system's package manager.
 * Throws E_NO_REDIS_SERVER, with each source and why not, one a line; or the signal's reason.
 */
export async function findRedisServer(options: SearchOptions): Promise<FoundRedisServer> {
  const { env, signal } = options
  const found = (await ordered(redisServer, env, signal)) ?? (await search(redisServer, redisSources(env), options))
  const cli = await onPath('redis-cli', { PATH: dirname(found.path) })
    .catch(() => onPath('redis-cli', env, serverFolders))
    .catch(() => null)
  return { ...found, cli }
}

export const redisSources = (env: Env): Source[] => [
  { name: 'PATH', limit_ms: 5000, find: () => onPath('redis-server', env, serverFolders) },
  packageManager(redisServer, env)
]
