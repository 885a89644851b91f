import { readFileSync } from 'node:fs'
import type { Environment } from './environment.ts'

export interface Listen {
  /** Port to listen on. */
  port: number
  /** Address to listen on; 127.0.0.1 when absent. */
  host?: string
}

/** How each setting but where to listen is read from the environment. */
type FromEnvironment<Config> = { [K in Exclude<keyof Config, keyof Listen>]: (env: Environment) => Config[K] }

/**
 * The service's settings, read once: the JSON file named by the first argument, or the environment where there is none, as in a
 * container. A file's shape is the caller's word for it: like most real services, one with a broken file dies at start and one
 * with a wrong value fails where the value is used. From the environment, PORT and HOST say where to listen.
 */
export function readConfig<Config extends Listen>(from: FromEnvironment<Config>): Readonly<Config> {
  const file = process.argv[2]
  return Object.freeze(file ? (JSON.parse(readFileSync(file, 'utf8')) as Config) : configFrom(from, process.env))
}

/** Throws an Error that names the first variable that is missing or cannot be read. */
export function configFrom<Config extends Listen>(from: FromEnvironment<Config>, env: Environment): Config {
  const readers = Object.entries(from) as [string, (env: Environment) => unknown][]
  const settings = Object.fromEntries(readers.map(([name, read]) => [name, read(env)]))
  return { port: Number(env.PORT ?? 8080), ...(env.HOST && { host: env.HOST }), ...settings } as Config
}
