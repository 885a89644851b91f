import type { Observation } from '@triage/contracts'

/** How users are served. That a process began anew, or that its metrics stand still, is a hint for the diagnosis. */
const served: readonly string[] = ['error_ratio', 'latency_ms', 'request_rate', 'lag']

/** Whether what was seen means that something is ill now. */
export const isSymptom = ({ kind, attributes }: Observation): boolean =>
  kind === 'metric_anomaly' ? served.includes(attributes.metric) : ['state', 'probe_failure', 'network'].includes(kind)
