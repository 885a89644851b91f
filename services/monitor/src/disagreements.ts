import { shortfall } from './shortfall.ts'
import { isSymptom } from './symptom.ts'
import type { Look } from './world.ts'

/** What of the world is not as it should be, a sentence each. Empty: probes, telemetry and desired state agree. */
export function disagreements({ workloads, failing, anomalies, at }: Look): string[] {
  const state = workloads.flatMap((workload) => {
    const wrong = shortfall(workload, at)
    return wrong === null ? [] : [`${workload.name} ${wrong}`]
  })
  const networks = workloads.flatMap(({ name, managed, lost_networks = [] }) =>
    (managed ? lost_networks : []).map((network) => `${name} is not on the network ${network}`)
  )
  // One that nothing else asks is not well before its own check has said so.
  const unchecked = workloads
    .filter(({ managed, health, probes }) => managed && health === 'starting' && probes.length === 0)
    .map(({ name }) => `${name} has not been found healthy yet`)
  const probes = failing.map(
    ({ service, probe, result }) =>
      `probe ${probe.name} of ${service} fails: ${result.failure}${result.http_status ? ` ${result.http_status}` : ''}`
  )
  // What a workload uses is a hint for the diagnosis; that users are served badly is the disagreement. So it is with workloads that
  // nobody declared: what harm they do shows in the others.
  const telemetry = anomalies.filter(isSymptom).map(({ summary }) => summary)
  return [...state, ...networks, ...unchecked, ...probes, ...telemetry]
}
