// An incident that waits for a human to allow an action.
import { openOperatorKeys, statementOf, verifyApproval } from '@triage/approval'
import { expect, test } from 'vitest'
import { deny, findAwaited, grant } from '../awaited.ts'
import { fact, id, payloads, plan, story } from '../render/test-story.ts'
import { type Desk, openDesk } from './test-desk.ts'

const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
const start = plan.tasks.find(({ task_id }) => task_id === 'start')!
const covered = { incident_id: id, plan_id: plan.plan_id, plan_version: 1, task: start }
const { approval_id } = statementOf(covered, 1, inAnHour)

/** The task `start` waits for a human. */
const desk = (): Promise<Desk> => {
  const asked = { ...payloads['incident.approval-requested.v1'], approval_id, expires_at: inAnHour }
  return openDesk([...story.slice(0, 6), fact('incident.approval-requested.v1', 2_000, asked)])
}

test('what waits is listed; approving signs exactly that, once', async () => {
  await using at = await desk()
  const listed = JSON.parse((await at.triage('approvals')).out) as unknown[]
  expect(listed).toMatchObject([{ approval_id, incident_id: id, task: start, why: 'the last healthy replica' }])
  expect((await at.triage('approve', approval_id)).out).toContain('E_USAGE') // no terminal to ask on
  expect((await at.triage('approve', 'apr-ffffffffffffffff', '--yes')).out).toContain('E_NO_APPROVAL')

  expect(await at.triage('approve', approval_id, '--yes')).toMatchObject({ code: 0 })
  const fact = await at.last()
  if (fact.type !== 'incident.approval-granted.v1') throw new Error(`the last fact is ${fact.type}`)
  const keys = openOperatorKeys(at.publicKeys)
  expect(verifyApproval(fact.payload.signed, covered, 1, Date.now(), keys)).toMatchObject({ approval_id, action: start.type })
  expect((await at.triage('approve', approval_id, '--yes')).out).toContain('E_NO_APPROVAL')
  expect((await at.triage('approvals')).out.trim()).toBe('[]')
})

test('another target is another plan, with the signature over the changed task', async () => {
  await using at = await desk()
  expect((await at.triage('approve', approval_id, '--yes', '--args', 'nonsense')).out).toContain('E_USAGE')
  expect(await at.triage('approve', approval_id, '--yes', '--target', 'catalog')).toMatchObject({ code: 0 })
  const fact = await at.last()
  if (fact.type !== 'incident.approval-changed.v1') throw new Error(`the last fact is ${fact.type}`)
  const { plan: wanted, signed } = fact.payload
  const task = wanted.tasks.find(({ task_id }) => task_id === 'start')!
  expect([wanted.plan_version, task.target]).toEqual([2, 'catalog'])
  const changed = { incident_id: id, plan_id: wanted.plan_id, plan_version: 2, task }
  const keys = openOperatorKeys(at.publicKeys)
  expect(verifyApproval(signed, changed, 1, Date.now(), keys)).toMatchObject({ target: 'catalog' })
  expect(() => verifyApproval(signed, covered, 1, Date.now(), keys)).toThrow(expect.objectContaining({ code: 'E_APPROVAL_INVALID' }))
})

test('denying needs a reason and says it', async () => {
  await using at = await desk()
  expect(await at.triage('deny', approval_id)).toMatchObject({ code: 2 })
  expect(await at.triage('deny', approval_id, '--reason', 'not during the sale')).toMatchObject({ code: 0 })
  expect(await at.last()).toMatchObject({ type: 'incident.approval-denied.v1', payload: { reason: 'not during the sale' } })
})

test('what is not needed any more cannot be allowed, nor when that was found while the human decided', async () => {
  await using at = await desk()
  const awaited = await findAwaited(at.session, approval_id)
  await at.tell(fact('incident.approval-lapsed.v1', 40_000, { ...payloads['incident.approval-lapsed.v1'], approval_id }))
  expect((await at.triage('approve', approval_id, '--yes')).out).toContain('E_APPROVAL_LAPSED')
  await expect(grant(at.session, awaited)).rejects.toMatchObject({ code: 'E_APPROVAL_LAPSED' })
  expect((await at.session.story(id)).state.plans[0]!.tasks.start).toMatchObject({ status: 'failed', approval: null })
  await expect(deny(at.session, awaited, 'not now')).rejects.toMatchObject({ code: 'E_APPROVAL_LAPSED' })
})

test('safe mode is off, then on, then off again, each signed to follow the one before', async () => {
  await using at = await desk()
  const state = async (...to: string[]): Promise<string> =>
    (JSON.parse((await at.triage('safe-mode', ...to)).out) as { safe_mode: string }).safe_mode
  expect([await state(), await state('on'), await state(), await state('off'), await state()]).toEqual(['off', 'on', 'on', 'off', 'off'])
})
