import type { Observation } from '@triage/contracts'

/**
 * `obs-la-r0`, `log_template`, `catalog`, 1 → `obs-la-r0-log-template-catalog-1`.
 * @param prefix names collector and round, so that no two rounds use one id: `obs-` and at most 16 letters, digits or hyphens
 * @param n counts the observations of this kind and service, from 1
 */
export const observationId = (prefix: string, kind: Observation['kind'], service: string, n: number): string =>
  `${prefix}-${kind}-${service}-${n}`.replaceAll('_', '-')
