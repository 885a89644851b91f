import { readFileSync } from 'node:fs'

export interface Listen {
  /** Port on 127.0.0.1. */
  port: number
}

/**
 * The service's settings: the JSON file named by the first argument, read once. The shape is the caller's word for it:
 * like most real services, one with a broken file dies at start and one with a wrong value fails where the value is used.
 */
export const readConfig = <Config>(): Readonly<Config> => Object.freeze(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Config)
