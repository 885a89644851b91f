import type { MetricAnomalyObservation } from '@triage/contracts'
import type { IncidentState } from '@triage/incident'
import { expect, test } from 'vitest'
import { act, running } from '../../../libs/incident/src/test-world.ts'
import { slow } from './test-look.ts'
import { usualOf } from './usual.ts'

const anomaly = (attributes: Partial<MetricAnomalyObservation['attributes']>): MetricAnomalyObservation => {
  const one = slow('orders')
  return { ...one, attributes: { ...one.attributes, ...attributes } }
}
const seen = (state: IncidentState, observations: MetricAnomalyObservation[]): IncidentState => ({
  ...state,
  observed: [...state.observed, { round: 0, collector: 'metric-agent', observations, omitted: 0, took_ms: 1 }]
})

test('what was usual is what the first anomaly on record was compared with, where it was compared with anything', () => {
  const { state } = running([act('a')]).ask('a')
  const first = seen(state, [anomaly({ baseline: 20 }), anomaly({ metric: 'request_rate', baseline: 15, detector: 'absent' })])
  const later = seen(first, [anomaly({ baseline: 200 }), anomaly({ metric: 'error_ratio', baseline: 0, detector: 'threshold' })])
  expect(usualOf([later])).toEqual(new Map([['orders', { latency_ms: 20, request_rate: 15 }]]))
})

test('it is asked for while a human is waited for only', () => {
  const working = running([act('a')])
  expect(usualOf([seen(working.state, [anomaly({})])])).toEqual(new Map())
})
