// What a container is configured with, as one JSON text.
import { TriageError } from '@triage/contracts'
import type { ContainerInspectInfo } from 'dockerode'
import { isObject, isString, type Json, objectIn } from '../json.ts'
import type { ConfigText } from '../port.ts'
import type { Engine } from './engine.ts'
import { readFiles } from './files.ts'
import { digestOf, type Fingerprint, hashOf, isRedacted } from './fingerprint.ts'
import { type Limits, limitsOf } from './limits.ts'

/** As it is in effect: with what the image sets. */
export interface ContainerConfig {
  image: string
  /** Null: none. */
  command: string[] | null
  entrypoint: string[] | null
  environment: Record<string, string>
  /** Text by path in the container. */
  files: Record<string, string>
  /** What it may use at most; null: as much as there is. */
  limits: Limits
}

/** @param files what is known of its files already */
export async function readConfig(
  engine: Engine,
  container: ContainerInspectInfo,
  files?: Record<string, string>
): Promise<ContainerConfig> {
  const { Image, Cmd, Entrypoint, Env } = container.Config
  return {
    image: Image,
    command: listOf(Cmd),
    entrypoint: listOf(Entrypoint),
    environment: Object.fromEntries((Env ?? []).map(variable).toSorted()),
    files: files ?? (await readFiles(engine, container)),
    limits: limitsOf(container.HostConfig)
  }
}

export function fingerprintOf({ image, command, entrypoint, environment, files, limits }: ContainerConfig): Fingerprint {
  const values = {
    image,
    command: JSON.stringify(command),
    entrypoint: JSON.stringify(entrypoint),
    ...under('environment', environment),
    ...under('files', files),
    ...under('limits', { memory_bytes: String(limits.memory_bytes), cpus: String(limits.cpus) })
  }
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [path, digestOf(value)]))
}

export const configHash = (config: ContainerConfig): string => hashOf(fingerprintOf(config))

/** Throws E_RUNTIME_FORBIDDEN when this process does not get to see the values. */
export function textOf(config: ContainerConfig): ConfigText {
  if ([...Object.values(config.environment), ...Object.values(config.files)].some(isRedacted))
    throw new TriageError('E_RUNTIME_FORBIDDEN', 'This credential may know that a configuration has changed, not what it says')
  return { text: JSON.stringify(config, null, 2), hash: configHash(config) }
}

/**
 * Throws E_RUNTIME_UNSUPPORTED that says what is wrong.
 * @param now what it says now: a text from before limits were part of it leaves them as they are
 */
export function parseConfig(text: string, now: Pick<ContainerConfig, 'limits'>): ContainerConfig {
  const given = objectIn(text)
  if (!given) throw new TriageError('E_RUNTIME_UNSUPPORTED', 'The configuration is not a JSON object')
  const value: Json = { limits: now.limits, ...given }
  const bad = Object.entries(rules).find(([key, rule]) => !rule(value[key]))?.[0]
  const extra = Object.keys(value).find((key) => !Object.hasOwn(rules, key))
  if (bad ?? extra) throw new TriageError('E_RUNTIME_UNSUPPORTED', `The configuration's ${bad ?? extra} is not valid`)
  return value as unknown as ContainerConfig
}

const isArgv = (value: unknown) => value === null || (Array.isArray(value) && value.every(isString))
const isTexts = (value: unknown) => isObject(value) && Object.entries(value).flat().every(isString)

const isLimit = (value: unknown) => value === null || (typeof value === 'number' && value > 0)
const isLimits = (value: unknown) =>
  isObject(value) && Object.keys(value).toSorted().join() === 'cpus,memory_bytes' && Object.values(value).every(isLimit)

const rules: Record<keyof ContainerConfig, (value: unknown) => boolean> = {
  image: (value) => isString(value) && value !== '',
  command: isArgv,
  entrypoint: isArgv,
  environment: (value) => isTexts(value) && Object.keys(value as object).every((name) => name !== '' && !name.includes('=')),
  files: (value) => isTexts(value) && Object.keys(value as object).every((path) => path.startsWith('/') && !path.includes('..')),
  limits: isLimits
}

const under = (prefix: string, values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]))

/** The engine has text, a list or null for one thing. */
const listOf = (value: string | string[] | null | undefined): string[] | null =>
  typeof value === 'string' ? [value] : (value ?? []).length > 0 ? (value as string[]) : null

const variable = (text: string): [string, string] => {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
