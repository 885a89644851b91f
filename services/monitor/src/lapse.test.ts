import { type Alert, limits } from '@triage/contracts'
import type { IncidentState } from '@triage/incident'
import { expect, test } from 'vitest'
import { act, look, plan, running, World } from '../../../libs/incident/src/test-world.ts'
import { lapse } from './lapse.ts'
import { verify, type Watched } from './verify.ts'

const since = 1_000_000
const watched: Watched = { agreesSince: since, checks: 30, lastDisagreements: [] }
const late = since + limits.lapse_window_ms
const asking = () => running([act('a'), look('b', ['a'])]).ask('a')

test('what a human is asked lapses when all has agreed for long, not before, and is no verdict on the incident', () => {
  const { state } = asking()
  expect(lapse(state, watched, late - 1)).toEqual([])
  const { approval_id } = state.plans[0]!.tasks.a!.asked!.request
  expect(lapse(state, watched, late)).toEqual([
    {
      type: 'incident.approval-lapsed.v1',
      key: approval_id,
      plan_version: 1,
      payload: { approval_id, plan_version: 1, task_id: 'a', window_ms: limits.lapse_window_ms, checks: 30 }
    }
  ])
  expect(verify(state, watched, late)).toBeNull()
})

test('it does not while anything disagrees, an alert fires, or something is under way', () => {
  const { state } = asking()
  const alert: Alert = { fingerprint: 'a1', status: 'firing', name: 'TargetDown', starts_at: new Date(0).toISOString() }
  const alerted = (status: Alert['status']): IncidentState => ({ ...state, alerts: { a1: { ...alert, status } } })
  expect(lapse(state, { ...watched, agreesSince: null }, late)).toEqual([])
  expect(lapse(alerted('firing'), watched, late)).toEqual([])
  expect(lapse(alerted('resolved'), watched, late)).toHaveLength(1)
  expect(lapse(running([act('a'), look('b')]).ask('a').state, watched, late)).toEqual([])
})

test('once it has lapsed or was answered there is nothing to lapse; then the world is judged as after any plan', () => {
  const lapsed = asking().lapse('a').run()
  expect(lapse(lapsed.state, watched, late)).toEqual([])
  expect(verify(lapsed.state, watched, late)).toMatchObject({ type: 'incident.recovered.v1', payload: { how: 'by_itself' } })
  expect(lapse(asking().grant('a').run().state, watched, late)).toEqual([])
  expect(lapse(asking().end().state, watched, late)).toEqual([])
})

test('what was changed before counts: then it did not recover by itself', () => {
  const world = new World().open().observe()
  world.propose(plan([act('first'), act('second', ['first'])])).run()
  world.finish('first').run().ask('second').lapse('second').run()
  expect(verify(world.state, watched, late)).toMatchObject({ payload: { how: 'by_action' } })
})
