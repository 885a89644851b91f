import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import { parse } from 'yaml'

/** An operation at the runtime, as its log records it. `*undeclared` stands for any workload that nobody declared. */
export interface Operation {
  op: string
  name: string
}

/** What must be true of the world when the root cause is gone. */
export interface Cleared {
  /** This workload runs. */
  running?: string
  /** Every probe of this workload passes. */
  probes?: string
  /** This workload's configuration is the one that it had before. */
  baseline_config?: string
  /** This path of the shop answers 200. */
  served?: string
  /** This workload is on all networks that it was on before. */
  networks?: string
  /** As many replicas of this workload run as before. */
  replicas?: string
  /** Nothing runs that nobody declared. */
  no_undeclared?: boolean
}

/** A rehearsed incident. Everything but `reports` is the harness's own knowledge: the swarm never sees it. */
export interface Scenario {
  number: number
  name: string
  title: string
  /** Where it can be rehearsed. */
  runtimes: RuntimeReader['kind'][]
  /** Absent: nothing is wrong. */
  fault?: { name: string; target: string }
  /** What somebody says; the seed picks one. */
  reports: string[]
  hypothesis: { service?: string; cause: string }
  /** What a good repair may do. Anything else done to the world is collateral. */
  accepted: Operation[]
  cleared: Cleared
  /** How the incident should end. */
  outcome: 'recovered' | 'cancelled'
}

const folder = join(import.meta.dirname, '..')

function check(file: string, value: Partial<Scenario>): Scenario {
  const missing = (['number', 'name', 'title', 'runtimes', 'reports', 'hypothesis', 'accepted', 'cleared'] as const).filter(
    (key) => value?.[key] === undefined
  )
  if (missing.length > 0) throw new TriageError('E_SCENARIO', `${file} lacks ${missing.join(', ')}`)
  return { outcome: 'recovered', ...value } as Scenario
}

/** Every scenario, by number. Throws E_SCENARIO that names the file. */
export async function loadScenarios(): Promise<Scenario[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort()
  return Promise.all(files.map(async (file) => check(file, parse(await readFile(join(folder, file), 'utf8')))))
}

/** By name or number, of those for a runtime. Throws E_SCENARIO that lists what there is. */
export async function findScenario(wanted: string, runtime?: RuntimeReader['kind']): Promise<Scenario> {
  const scenarios = (await loadScenarios()).filter(({ runtimes }) => runtime === undefined || runtimes.includes(runtime))
  const found = scenarios.find(({ name, number }) => name === wanted || String(number) === wanted)
  if (!found)
    throw new TriageError('E_SCENARIO', `there is no scenario "${wanted}"; there are ${scenarios.map(({ name }) => name).join(', ')}`)
  return found
}
