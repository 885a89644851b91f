import { awaited, type IncidentState } from '@triage/incident'
import type { Usual } from '@triage/telemetry'

/**
 * What was usual, by service, before the incidents that wait for humans: as the anomalies on record tell it, for the last minutes do not
 * any more, nor does a monitor that began after them know it.
 */
export function usualOf(incidents: readonly IncidentState[]): Map<string, Usual> {
  const usual = new Map<string, Usual>()
  const observations = incidents
    .filter((state) => awaited(state).length > 0)
    .flatMap(({ observed }) => observed.flatMap((one) => one.observations))
  for (const { kind, service, attributes } of observations) {
    if (kind !== 'metric_anomaly' || !['robust_z', 'absent'].includes(attributes.detector)) continue
    const { metric, baseline } = attributes
    usual.set(service, { [metric]: baseline, ...usual.get(service) })
  }
  return usual
}
