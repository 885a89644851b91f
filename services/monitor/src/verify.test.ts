import { type Alert, limits, type Observation, type PayloadByType } from '@triage/contracts'
import { type IncidentState, initialState, type PlanRun } from '@triage/incident'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { now } from './test-look.ts'
import { verify, type Watched } from './verify.ts'

const id = 'inc-20260101-1'
const at = new Date(now).toISOString()
const symptom: Observation = {
  observation_id: 'obs-1',
  kind: 'state',
  service: 'orders',
  at,
  summary: 'orders exited',
  attributes: { status: 'exited', desired: 'running' }
}
const change: Observation = {
  observation_id: 'obs-2',
  kind: 'change',
  service: 'orders',
  at,
  summary: 'orders was started',
  attributes: { change: 'started', seconds_ago: 5 }
}

interface Story {
  observations?: Observation[]
  /** What the plan's one task is, and what came of it. */
  agent?: 'action-agent' | 'log-agent'
  status?: 'succeeded' | 'failed'
  outcome?: 'completed' | 'failed'
  more?: Partial<PlanRun>
}

/** An incident whose plan finished `now`. */
function finished({
  observations = [symptom],
  agent = 'action-agent',
  status = 'succeeded',
  outcome = 'completed',
  more = {}
}: Story = {}): IncidentState {
  const task = {
    task_id: 'only',
    type: agent === 'action-agent' ? 'service.start' : 'logs.query',
    target: 'orders',
    args: {},
    dependencies: [],
    assigned_to: agent,
    estimated_cost_ms: 1
  }
  const run: PlanRun = {
    plan: {
      plan_id: 'plan-0123456789abcdef',
      incident_id: id,
      plan_version: 1,
      created_at: at,
      root_goal: 'mend it',
      hypothesis: { cause: 'process_exited', confidence: 0.9, evidence: [], statement: 'orders died' },
      tasks: [task]
    },
    origin: 'planner',
    source: 'rulebook',
    round: 0,
    signature: '',
    acceptedAt: now,
    tasks: {
      only: {
        task_id: 'only',
        status,
        attempt: 1,
        dispatchedAt: now,
        deadline: now,
        notBefore: 0,
        result: null,
        asked: null,
        approval: null
      }
    },
    finished: { outcome, at: now },
    deviation: null,
    ...more
  }
  const observed: PayloadByType['incident.observed.v1'] = { round: 0, collector: 'monitor', observations, omitted: 0, took_ms: 1 }
  return { ...initialState(id), observed: [observed], plans: [run] }
}
const agreeing = (since = now, checks = 6): Watched => ({ agreesSince: since, checks, lastDisagreements: [] })
const disagreeing: Watched = { agreesSince: null, checks: 0, lastDisagreements: ['orders is exited'] }
const windowEnd = now + limits.verify_window_ms

test('recovered is said when all has agreed for the window, not before, and says what it saw', () => {
  expect(verify(finished(), agreeing(), windowEnd - 1)).toBeNull()
  expect(verify(finished(), agreeing(), windowEnd)).toMatchObject({
    type: 'incident.recovered.v1',
    payload: { how: 'by_action', window_ms: limits.verify_window_ms, checks: 6 }
  })
})

test('a plan that is still carried out, that was judged, or an incident that ended gets no verdict', () => {
  const late = now + limits.incident_ms
  for (const watched of [agreeing(), disagreeing]) {
    expect(verify(initialState(id), watched, late)).toBeNull()
    expect(verify(finished({ more: { finished: null } }), watched, late)).toBeNull()
    expect(verify(finished({ more: { deviation: { reason: 'unhealthy', disagreements: [], at: now } } }), watched, late)).toBeNull()
    expect(verify({ ...finished(), end: { kind: 'escalated', reason: 'out_of_time', summary: '', at: now } }, watched, late)).toBeNull()
  }
})

test('what got well without an action got well by itself', () => {
  expect(verify(finished({ agent: 'log-agent' }), agreeing(), windowEnd)).toMatchObject({ payload: { how: 'by_itself' } })
  expect(verify(finished({ status: 'failed', outcome: 'failed' }), agreeing(), windowEnd)).toMatchObject({ payload: { how: 'by_itself' } })
})

test('where no symptom was seen and nothing was touched nothing was wrong', () => {
  const story: Story = { observations: [change], agent: 'log-agent' }
  // What comes and goes has longer to show itself.
  expect(verify(finished(story), agreeing(), windowEnd)).toBeNull()
  expect(verify(finished(story), agreeing(), now + limits.dismiss_window_ms)).toMatchObject({
    type: 'incident.cancelled.v1',
    payload: { reason: 'no_fault_found' }
  })
  // Something was touched: then it is not said that nothing was.
  expect(verify(finished({ observations: [change] }), agreeing(), windowEnd)).toMatchObject({ type: 'incident.recovered.v1' })
})

test('the world deviates at the deadline: later for a plan that was completed, earlier for one that failed', () => {
  const failed = finished({ status: 'failed', outcome: 'failed' })
  const deadline = now + limits.verify_deadline_ms
  expect(verify(finished(), disagreeing, deadline - 1)).toBeNull()
  expect(verify(finished(), disagreeing, deadline)).toMatchObject({
    type: 'incident.deviation-detected.v1',
    key: '1',
    payload: { plan_version: 1, reason: 'unhealthy', disagreements: ['orders is exited'] }
  })
  expect(verify(failed, disagreeing, now + 4_999)).toBeNull()
  expect(verify(failed, disagreeing, now + 5_000)).toMatchObject({ payload: { reason: 'task_failed' } })
})

test('once it agrees the window is waited for, beyond the deadline too', () => {
  const deadline = now + limits.verify_deadline_ms
  expect(verify(finished(), agreeing(deadline - 100), deadline + 1)).toBeNull()
  expect(verify(finished(), agreeing(deadline - 100), deadline - 100 + limits.verify_window_ms)).toMatchObject({
    type: 'incident.recovered.v1'
  })
})

test('while an alert of the incident fires it is not well, and after its time the world deviates; resolved, it was ill', () => {
  const alert: Alert = { fingerprint: 'a1', status: 'firing', name: 'TargetDown', service: 'orders', starts_at: at }
  const story: Story = { observations: [], agent: 'log-agent' }
  const alerted = (status: Alert['status']): IncidentState => ({ ...finished(story), alerts: { a1: { ...alert, status } } })
  const deadline = now + limits.alert_resolve_ms
  expect(verify(alerted('firing'), agreeing(), deadline - 1)).toBeNull()
  expect(verify(alerted('firing'), agreeing(), deadline)).toMatchObject({
    type: 'incident.deviation-detected.v1',
    payload: { reason: 'unhealthy', disagreements: ['the alert TargetDown of orders still fires'] }
  })
  expect(verify(alerted('resolved'), agreeing(), windowEnd)).toMatchObject({ type: 'incident.recovered.v1', payload: { how: 'by_itself' } })
})

test('while a human is asked the world may get well by itself; it deviates from nothing', () => {
  const state = finished({ agent: 'log-agent' })
  const { plan } = state.plans[0]!
  const asking = { ...plan, tasks: [], clarifying_tasks: [{ task_id: 'ask', question: 'Was it stopped on purpose?' }] }
  const waiting = { ...state, plans: [{ ...state.plans[0]!, plan: asking, tasks: {} }] }
  expect(verify(waiting, agreeing(), windowEnd)).toMatchObject({ type: 'incident.recovered.v1', payload: { how: 'by_itself' } })
  expect(verify(waiting, disagreeing, now + limits.question_ms)).toBeNull()
})

test('law: recovered and cancelled are never said while anything disagrees, nor before the window is over', () => {
  const story = fc.record({
    observations: fc.subarray([symptom, change]),
    agent: fc.constantFrom('action-agent' as const, 'log-agent' as const),
    status: fc.constantFrom('succeeded' as const, 'failed' as const),
    outcome: fc.constantFrom('completed' as const, 'failed' as const)
  })
  const since = fc.option(fc.integer({ min: 0, max: 30_000 }))
  fc.assert(
    fc.property(story, since, fc.integer({ min: 0, max: 60_000 }), (told, offset, later) => {
      const watched = offset === null ? disagreeing : agreeing(now + offset)
      const verdict = verify(finished(told), watched, now + later)
      const touched = told.agent === 'action-agent' && told.status === 'succeeded'
      const nothingSeen = !touched && !told.observations.includes(symptom)
      const windowMs = nothingSeen ? limits.dismiss_window_ms : limits.verify_window_ms
      const well = offset !== null && later - offset >= windowMs
      const saysWell = verdict?.type === 'incident.recovered.v1' || verdict?.type === 'incident.cancelled.v1'
      expect(saysWell).toBe(well)
    }),
    { numRuns: 2_000 }
  )
})
