import { isSymptom } from './symptom.ts'
import type { Look } from './world.ts'

/** What of the world is not as it should be, a sentence each. Empty: probes, telemetry and desired state agree. */
export function disagreements({ workloads, failing, anomalies }: Look): string[] {
  const state = workloads.filter(({ managed, status }) => managed && status !== 'running').map(({ name, status }) => `${name} is ${status}`)
  const probes = failing.map(
    ({ service, probe, result }) =>
      `probe ${probe.name} of ${service} fails: ${result.failure}${result.http_status ? ` ${result.http_status}` : ''}`
  )
  // What a workload uses is a hint for the diagnosis; that users are served badly is the disagreement.
  const telemetry = anomalies.filter(isSymptom).map(({ summary }) => summary)
  return [...state, ...probes, ...telemetry]
}
