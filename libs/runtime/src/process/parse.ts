// Reads what clients send. All of it throws E_RUNTIME_UNSUPPORTED with what is wrong.
import { constants } from 'node:os'
import { checkSchema, type ErrorCode, type Probe, TriageError } from '@triage/contracts'
import { isObject, isString, type Json, objectIn } from '../json.ts'
import type { LogQuery } from '../port.ts'
import type { WorkloadSpec } from '../workload.ts'

const wrong: ErrorCode = 'E_RUNTIME_UNSUPPORTED'
const kinds = ['service', 'worker', 'database', 'cache', 'queue']

export function parseObject(text: string): Json {
  const value = objectIn(text || '{}')
  if (value) return value
  throw new TriageError(wrong, 'The request body is not a JSON object')
}

export function parseSignal(value: unknown): NodeJS.Signals {
  if (typeof value === 'string' && Object.hasOwn(constants.signals, value)) return value as NodeJS.Signals
  throw new TriageError(wrong, 'There is no such signal')
}

export function parseText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TriageError(wrong, 'A text is missing')
}

export function parseArgv(value: unknown): string[] {
  if (isArgv(value) && value.length > 0) return value
  throw new TriageError(wrong, 'argv is not a list of strings without NUL')
}

export function parseLogQuery(query: URLSearchParams): LogQuery {
  const since = query.get('since')
  const at = new Date(since ?? 0)
  if (Number.isNaN(at.getTime())) throw new TriageError(wrong, 'since is not an instant')
  return { ...(since !== null && { since: at }), ...count('tail'), ...count('max_bytes') }

  function count(name: 'tail' | 'max_bytes') {
    const text = query.get(name)
    if (text === null) return {}
    if (!/^\d{1,9}$/.test(text)) throw new TriageError(wrong, `${name} is not a whole number`)
    return { [name]: Number(text) }
  }
}

/** What a launched workload may be. */
export function parseSpec(value: unknown): WorkloadSpec {
  if (!isObject(value)) throw new TriageError(wrong, 'spec is not an object')
  const bad = Object.keys(specRules).find((key) => !specRules[key as keyof WorkloadSpec](value[key]))
  const extra = Object.keys(value).find((key) => !Object.hasOwn(specRules, key))
  if (bad ?? extra) throw new TriageError(wrong, `spec.${bad ?? extra} is not valid`)
  return value as unknown as WorkloadSpec
}

const isArgv = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString)
const isName = (value: unknown) => checkSchema('defs__name', value) === null
const optional = (rule: (value: unknown) => boolean) => (value: unknown) => value === undefined || rule(value)
const between = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most
const oneOf = (values: readonly unknown[]) => (value: unknown) => values.includes(value)

const specRules: Record<keyof WorkloadSpec, (value: unknown) => boolean> = {
  name: isName,
  kind: oneOf(kinds),
  command: (value) => isArgv(value) && value.length > 0,
  cwd: isString,
  env: (value) => isObject(value) && Object.entries(value).flat().every(isString),
  uid: optional(between(0, 2 ** 31)),
  gid: optional(between(0, 2 ** 31)),
  nice: optional(between(-20, 19)),
  cpu_shares: optional(between(2, 262_144)),
  netadmin_image: (value) => value === undefined,
  config_file: optional(isString),
  depends_on: (value) => Array.isArray(value) && value.every(isName),
  probes: (value) => Array.isArray(value) && value.every((probe: Probe) => checkSchema('inventory__probe', probe) === null),
  metrics_url: optional(isString),
  commands: optional((value) => isObject(value) && Object.values(value).every(isArgv)),
  stop_signal: optional(oneOf(['SIGTERM', 'SIGINT'])),
  grace_ms: optional(between(0, 60_000)),
  log_format: oneOf(['json', 'text'])
}
