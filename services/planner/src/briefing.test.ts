import { expect, test } from 'vitest'
import { act, plan, World } from '../../../libs/incident/src/test-world.ts'
import { policyOf } from './briefing.ts'
import { effectivenessOf } from './effectiveness.ts'

const acted = (): World =>
  new World()
    .open()
    .observe()
    .propose(plan([act('start')]))
    .run()

test('what the policies refused in this incident is forbidden, and nothing else', () => {
  const world = acted()
  expect(policyOf(world.state)(act('again')).verdict).toBe('permit')
  world.fail('start', 'E_POLICY_DENIED')
  expect(policyOf(world.state)(act('again'))).toEqual({ verdict: 'forbid', why: 'it may not be done' })
  expect(policyOf(world.state)({ ...act('again'), type: 'service.restart' }).verdict).toBe('permit')
  expect(policyOf(acted().fail('start', 'E_TIMEOUT').state)(act('again')).verdict).toBe('permit')
})

test('an action is credited with an incident that it ended, and counted when it was carried out in vain', () => {
  const recovered = { how: 'by_action' as const, window_ms: 3000, checks: 6, summary: '' }
  const ended = acted().finish('start').say({ type: 'incident.recovered.v1', key: 'end', payload: recovered })
  const escalated = { reason: 'out_of_time' as const, summary: '' }
  const vain = acted().finish('start').say({ type: 'incident.escalated.v1', key: 'end', payload: escalated })
  const open = acted().finish('start')
  expect(effectivenessOf([ended.state, vain.state, open.state])).toEqual([
    { type: 'service.start', cause: 'process_exited', ended: 1, of: 2 }
  ])
})
