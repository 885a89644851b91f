// Environment → schema → one frozen object, once, in main.ts.
import { TriageError } from '@triage/contracts'

type Kind = 'string' | 'integer' | 'port' | 'path'

export interface Setting<T> {
  /** Name of the environment variable. */
  env: string
  kind: Kind
  /** What it means, with its unit. */
  description: string
  default?: T
}

export type Settings = Record<string, Setting<string | number>>
export type Values<S extends Settings> = Readonly<{
  [K in keyof S]: S[K]['kind'] extends 'integer' | 'port' ? number : string
}>

function readOne(setting: Setting<string | number>, raw: string | undefined): string | number {
  if (raw === undefined || raw === '') {
    if (setting.default === undefined) throw new TriageError('E_CONFIG', `${setting.env} is not set: ${setting.description}`)
    return setting.default
  }
  if (setting.kind === 'string' || setting.kind === 'path') return raw
  const value = Number(raw)
  const top = setting.kind === 'port' ? 65535 : Number.MAX_SAFE_INTEGER
  if (!Number.isInteger(value) || value < 0 || value > top) {
    throw new TriageError('E_CONFIG', `${setting.env} must be a whole number from 0 to ${top}, not "${raw}": ${setting.description}`)
  }
  return value
}

/** Reads every setting. Throws E_CONFIG that names the variable, what it means and what is wrong. */
export function readConfig<const S extends Settings>(settings: S, env: Record<string, string | undefined> = process.env): Values<S> {
  const entries = Object.entries(settings).map(([name, setting]) => [name, readOne(setting, env[setting.env])])
  return Object.freeze(Object.fromEntries(entries)) as Values<S>
}
