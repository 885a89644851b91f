// A look at the world as observations. What metrics say is the metric agent's to report.
import type { ChangeObservation, ConfigDriftObservation, Observation } from '@triage/contracts'
import type { Workload } from '@triage/runtime'
import { observationId } from '@triage/telemetry'
import { endsAgainAndAgain, missingReplicas, shortfall } from './shortfall.ts'
import type { Look, World } from './world.ts'

/** Changes that lie further back are not mentioned. */
const recentMs = 10 * 60_000

function states({ workloads, at }: Look, prefix: string): Observation[] {
  return workloads.flatMap((workload) => {
    const wrong = shortfall(workload, at)
    if (wrong === null) return []
    const { name, status, exit_code, exit_signal, oom_killed, restarts } = workload
    const missing = missingReplicas(workload)
    return [
      {
        observation_id: observationId(prefix, 'state', name, 1),
        kind: 'state' as const,
        service: name,
        at: new Date(at).toISOString(),
        summary: `${name} ${wrong}; it should be running`,
        attributes: {
          ...{ status, desired: 'running' as const },
          ...(exit_code !== undefined && { exit_code }),
          ...(exit_signal && { exit_signal }),
          ...(oom_killed && { oom_killed }),
          ...(endsAgainAndAgain(workload, at) && { restarts: restarts ?? 1 }),
          ...(missing > 0 && { replicas_missing: missing })
        }
      }
    ]
  })
}

function lostNetworks({ workloads, at }: Look, prefix: string): Observation[] {
  return workloads.flatMap(({ name, managed, lost_networks = [] }) =>
    (managed ? lost_networks : []).map((lost, i) => ({
      observation_id: observationId(prefix, 'network', name, i + 1),
      kind: 'network' as const,
      service: name,
      at: new Date(at).toISOString(),
      summary: `${name} is not on the network ${lost}, which it was on when all was well`,
      attributes: { network: lost }
    }))
  )
}

function probeFailures({ failing, at }: Look, prefix: string): Observation[] {
  return failing.map(({ service, probe, result, consecutive }, i) => ({
    observation_id: observationId(prefix, 'probe_failure', service, i + 1),
    kind: 'probe_failure',
    service,
    at: new Date(at).toISOString(),
    summary: `probe ${probe.name} of ${service} fails: ${result.failure}${result.http_status ? ` ${result.http_status}` : ''}`,
    attributes: { probe: probe.name, failure: result.failure, consecutive, ...(result.http_status && { http_status: result.http_status }) }
  }))
}

async function drifts({ workloads, at }: Look, world: World, prefix: string): Promise<ConfigDriftObservation[]> {
  const drifted = workloads.filter(
    ({ managed, config_hash, baseline_config_hash }) =>
      managed && config_hash && baseline_config_hash && config_hash !== baseline_config_hash
  )
  const diffs = await Promise.all(drifted.map(async ({ name }) => ({ name, diff: await world.configDiff(name) })))
  return diffs.flatMap(({ name, diff }) => {
    if (diff.baseline_hash === null) return []
    // Whoever wrote the configuration chose the keys: what is told of them is bounded.
    const paths = diff.paths.slice(0, 50).map((path) => path.slice(0, 200))
    return [
      {
        observation_id: observationId(prefix, 'config_drift', name, 1),
        kind: 'config_drift' as const,
        service: name,
        at: new Date(at).toISOString(),
        summary: `the configuration of ${name} differs from the last known good one at ${paths.join(', ')}`.slice(0, 500),
        attributes: { hash: diff.hash, baseline_hash: diff.baseline_hash, paths }
      }
    ]
  })
}

type Change = ChangeObservation['attributes']

/** What nobody declared is told for as long as it runs: it may have done its harm long after it appeared. */
function changesOf({ managed, status, started_at, config_changed_at, beside }: Workload, at: number): Change[] {
  const since = (time: string | undefined, longest: number): number[] => {
    const ago = time ? at - Date.parse(time) : Number.POSITIVE_INFINITY
    return ago > longest ? [] : [Math.max(0, Math.round(ago / 1000))]
  }
  if (!managed)
    return (status === 'running' ? since(started_at, Number.MAX_VALUE) : []).map((seconds_ago) => ({
      ...{ change: 'appeared', seconds_ago },
      ...(beside && { beside })
    }))
  return [
    ...since(started_at, recentMs).map((seconds_ago) => ({ change: 'started' as const, seconds_ago })),
    ...since(config_changed_at, recentMs).map((seconds_ago) => ({ change: 'config' as const, seconds_ago }))
  ]
}

const told = { started: ' was started', config: ' had its configuration changed', appeared: ', which nobody declared, appeared' }

const changes = ({ workloads, at }: Look, prefix: string): ChangeObservation[] =>
  workloads.flatMap((workload) =>
    changesOf(workload, at).map((attributes, i) => ({
      observation_id: observationId(prefix, 'change', workload.name, i + 1),
      kind: 'change' as const,
      service: workload.name,
      at: new Date(at).toISOString(),
      summary: `${workload.name}${told[attributes.change]} ${attributes.seconds_ago} s ago${attributes.beside ? ` beside ${attributes.beside}` : ''}`,
      attributes
    }))
  )

/** What is wrong first, what merely changed last. */
export async function observe(look: Look, world: World, prefix: string): Promise<Observation[]> {
  return [
    ...states(look, prefix),
    ...probeFailures(look, prefix),
    ...lostNetworks(look, prefix),
    ...(await drifts(look, world, prefix)),
    ...changes(look, prefix)
  ]
}
