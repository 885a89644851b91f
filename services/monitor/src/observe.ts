// A look at the world as observations. What metrics say is the metric agent's to report.
import type { ChangeObservation, ConfigDriftObservation, Observation } from '@triage/contracts'
import type { Workload } from '@triage/runtime'
import { observationId } from '@triage/telemetry'
import type { Look, World } from './world.ts'

/** Changes that lie further back are not mentioned. */
const recentMs = 10 * 60_000

function states({ workloads, at }: Look, prefix: string): Observation[] {
  return workloads
    .filter(({ managed, status }) => managed && status !== 'running')
    .map(({ name, status, exit_code, exit_signal }) => ({
      observation_id: observationId(prefix, 'state', name, 1),
      kind: 'state',
      service: name,
      at: new Date(at).toISOString(),
      summary: `${name} is ${status}${exit_signal ? ` after ${exit_signal}` : exit_code === undefined ? '' : ` with code ${exit_code}`}; it should be running`,
      attributes: { status, desired: 'running', ...(exit_code !== undefined && { exit_code }), ...(exit_signal && { exit_signal }) }
    }))
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

function changesOf({
  name,
  managed,
  started_at,
  config_changed_at
}: Workload): { change: ChangeObservation['attributes']['change']; since: string | undefined }[] {
  return [
    { change: managed ? 'started' : 'appeared', since: started_at },
    { change: 'config', since: name ? config_changed_at : undefined }
  ]
}

function changes({ workloads, at }: Look, prefix: string): ChangeObservation[] {
  return workloads.flatMap((workload) =>
    changesOf(workload).flatMap(({ change, since }, i) => {
      const ago = since ? at - Date.parse(since) : Number.POSITIVE_INFINITY
      if (ago > recentMs) return []
      const seconds_ago = Math.max(0, Math.round(ago / 1000))
      const what = { started: 'was started', appeared: ', which nobody declared, appeared', config: 'had its configuration changed' }[
        change
      ]
      return [
        {
          observation_id: observationId(prefix, 'change', workload.name, i + 1),
          kind: 'change' as const,
          service: workload.name,
          at: new Date(at).toISOString(),
          summary: `${workload.name} ${what} ${seconds_ago} s ago`.replace(' ,', ','),
          attributes: { change, seconds_ago }
        }
      ]
    })
  )
}

/** What is wrong first, what merely changed last. */
export async function observe(look: Look, world: World, prefix: string): Promise<Observation[]> {
  return [...states(look, prefix), ...probeFailures(look, prefix), ...(await drifts(look, world, prefix)), ...changes(look, prefix)]
}
