// Judges how a scenario ended, from the world alone and with the harness's knowledge of the fault.
import type { OpRecord, Workload } from '@triage/runtime'
import type { Cleared, Operation, Scenario } from './scenario.ts'

/** What the oracle looks at. */
export interface Evidence {
  /** How the incident ended. */
  outcome: string
  hypothesis: { service?: string; cause: string } | null
  before: readonly Workload[]
  after: readonly Workload[]
  /** What was done to the runtime since the fault, by anyone but the harness. */
  operations: readonly OpRecord[]
  /** Share of users' requests that failed in a window after the end. Null: could not be read. */
  errorRatio: number | null
  /** Whether every probe of a workload passes. */
  probesPass: (workload: string) => Promise<boolean>
  /** Whether a path of the shop answers 200. */
  served: (path: string) => Promise<boolean>
}

export interface Check {
  name: string
  ok: boolean
  detail: string
}

const isAccepted = (accepted: readonly Operation[], declared: ReadonlySet<string>, { op, name }: OpRecord): boolean =>
  accepted.some((allowed) => allowed.op === op && (allowed.name === name || (allowed.name === '*undeclared' && !declared.has(name))))

/** Replicas and topology: the same workloads as before run, and nothing else. */
function shape(before: readonly Workload[], after: readonly Workload[]): string[] {
  const runs = (list: readonly Workload[]): string[] =>
    list.filter(({ status, managed }) => managed && status === 'running').map(({ name }) => name)
  const now = new Set(runs(after))
  const gone = runs(before)
    .filter((name) => !now.has(name))
    .map((name) => `${name} does not run`)
  const extra = after.filter(({ name, status }) => status === 'running' && !before.some((workload) => workload.name === name))
  return [...gone, ...extra.map(({ name }) => `${name} runs, which did not before`)]
}

async function stillThere(
  { running, probes, baseline_config, served, networks, replicas, no_undeclared }: Cleared,
  evidence: Evidence
): Promise<string[]> {
  const find = (name: string): Workload | undefined => evidence.after.find((workload) => workload.name === name)
  const before = (name: string): Workload | undefined => evidence.before.find((workload) => workload.name === name)
  const missing = networks ? (before(networks)?.networks ?? []).filter((network) => !find(networks)?.networks?.includes(network)) : []
  const runningReplicas = (workload: Workload | undefined): number => workload?.replicas?.running ?? Number(workload?.status === 'running')
  const config = baseline_config ? find(baseline_config) : undefined
  const undeclared = evidence.after.filter(({ managed, status }) => !managed && status === 'running')
  return [
    ...(running && find(running)?.status !== 'running' ? [`${running} does not run`] : []),
    ...(probes && !(await evidence.probesPass(probes)) ? [`probes of ${probes} fail`] : []),
    ...(config && config.config_hash !== config.baseline_config_hash ? [`the configuration of ${config.name} is not what it was`] : []),
    ...(served && !(await evidence.served(served)) ? [`${served} is not served`] : []),
    ...missing.map((network) => `${networks} is not on ${network}`),
    ...(replicas && runningReplicas(find(replicas)) < runningReplicas(before(replicas)) ? [`replicas of ${replicas} are missing`] : []),
    ...(no_undeclared && undeclared.length > 0 ? [`${undeclared.map(({ name }) => name).join(', ')} still runs`] : [])
  ]
}

/** Every check of the oracle, in order. The scenario succeeded when all are ok. */
export async function judge(scenario: Scenario, evidence: Evidence): Promise<Check[]> {
  const { hypothesis: expected } = scenario
  const declared = new Set(evidence.before.map(({ name }) => name))
  const collateral = evidence.operations.filter((operation) => !isAccepted(scenario.accepted, declared, operation))
  const misshapen = shape(evidence.before, evidence.after)
  const left = await stillThere(scenario.cleared, evidence)
  const found = evidence.hypothesis
  const right = found?.cause === expected.cause && (expected.service === undefined || expected.service === found.service)
  const ratio = evidence.errorRatio
  return [
    { name: 'ended as it should', ok: evidence.outcome === scenario.outcome, detail: evidence.outcome },
    {
      name: 'users are served',
      ok: ratio !== null && ratio < 0.01,
      detail: ratio === null ? 'could not be read' : `${(ratio * 100).toFixed(1)}% of requests fail`
    },
    {
      name: 'same shape as before',
      ok: misshapen.length === 0,
      detail: misshapen.join('; ') || `${evidence.before.length} workloads`
    },
    { name: 'root cause cleared', ok: left.length === 0, detail: left.join('; ') || 'yes' },
    { name: 'root cause named', ok: right, detail: found ? `${found.cause}${found.service ? ` of ${found.service}` : ''}` : 'nothing' },
    {
      name: 'no collateral',
      ok: collateral.length === 0,
      detail:
        collateral.map(({ op, name }) => `${op} ${name}`).join(', ') || `${evidence.operations.length} operations, all of them called for`
    }
  ]
}
