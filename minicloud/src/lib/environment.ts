// Settings as a container is told them: one address for each thing that a service needs.
import type { CacheSettings } from './cache.ts'
import type { DatabaseSettings } from './database.ts'
import type { QueueSettings } from './queue.ts'

export type Environment = Record<string, string | undefined>

/** A variable that must be there. */
export const text =
  (variable: string) =>
  (env: Environment): string => {
    const value = env[variable]
    if (!value) throw new Error(`${variable} is not set`)
    return value
  }

export const number =
  (variable: string, otherwise: number) =>
  (env: Environment): number => {
    const value = Number(env[variable] || otherwise)
    if (Number.isNaN(value)) throw new Error(`${variable} is not a number`)
    return value
  }

/** A variable's address. The error does not repeat it: it may hold a password. */
function address(variable: string, env: Environment): URL {
  const url = URL.parse(text(variable)(env))
  if (!url) throw new Error(`${variable} is not an address`)
  return url
}

/** DATABASE_URL: postgres://user:password@host:port/name */
export function database(env: Environment): DatabaseSettings {
  const { hostname, port, username, password, pathname } = address('DATABASE_URL', env)
  const [user, secret, name] = [username, password, pathname.slice(1)].map(decodeURIComponent) as [string, string, string]
  return { host: hostname, port: Number(port || 5432), user, password: secret, name }
}

/** REDIS_URL: redis://host:port */
export function cache(env: Environment): CacheSettings {
  const { hostname, port } = address('REDIS_URL', env)
  return { host: hostname, port: Number(port || 6379) }
}

/** QUEUE_URL: nats://host:port */
export const queue = (env: Environment): QueueSettings => ({ url: text('QUEUE_URL')(env) })
