import { nextSwitch, signStatement, statementOf } from '@triage/approval'
import { type ApprovalRequested, type Mode, subjectOf, type TaskRequest } from '@triage/contracts'
import type { RuntimeWriter } from '@triage/runtime'
import { expect, test } from 'vitest'
import { bad, command, defaultPolicies, operator, type Stage, setStage } from './test-stage.ts'

const code = (value: string) => expect.objectContaining({ code: value })
const gate = (mode: Mode, approvalMs = 60_000) => ({ engine: defaultPolicies, setting: { mode, environment: 'production' }, approvalMs })
const agentIn = (stage: Stage, mode: Mode, approvalMs?: number) => stage.agent(undefined, gate(mode, approvalMs))
const restart = (stage: Stage): TaskRequest => stage.request('service.restart', 'web', 'healthy')

/** What was asked of humans. */
async function asked({ swarm }: Stage): Promise<ApprovalRequested[]> {
  const reader = await swarm.actor('scheduler')
  const facts = (await Array.fromAsync(reader.bus.history('INCIDENTS'))).map((stored) => reader.inbox.fact(stored)!)
  return facts
    .filter(({ envelope }) => envelope.type === 'incident.approval-requested.v1')
    .map(({ payload }) => payload as ApprovalRequested)
}
const approve = (request: TaskRequest, expiresAt = Date.now() + 60_000, fence = command.fence): TaskRequest => ({
  ...request,
  approval: signStatement('approval', statementOf(request, fence, new Date(expiresAt).toISOString()), operator.key)
})
async function turnSafeMode(stage: Stage, to: 'on' | 'off', after: number, key = operator.key): Promise<void> {
  const { bus, outbox } = await stage.swarm.actor('operator')
  const subject = subjectOf('safety.mode.v1', {})
  const payload = nextSwitch(to, after, new Date().toISOString(), key)
  const { body, headers } = outbox.sealer.seal({
    id: `safe-mode:${after}`,
    type: 'safety.mode.v1',
    subject,
    audience: 'action-agent',
    payload
  })
  await bus.append(subject, body, headers, { id: `safe-mode:${to}:${after}` })
}

/** A runtime at whose call to restart the agent dies. */
const dying = ({ world }: Stage): RuntimeWriter =>
  Object.assign(Object.create(world.as('writer')), { restart: () => Promise.reject(new Error('killed')) })

test('an ill service with one replica is restarted on the word of the policies, which are on record', async () => {
  await using stage = await setStage()
  await stage.configure(bad)
  const answer = await (await agentIn(stage, 'auto')).run(
    { ...restart(stage), task: { ...restart(stage).task, expect: { condition: 'stopped', within_ms: 100 } } },
    command
  )
  expect(answer.status).toBe('failed') // it runs, which was not promised
  expect(stage.effects()).toEqual(['restart web'])
  expect((await stage.ledger())[0]).toMatchObject({ state: 'intent', policies: ['disruptive'] })
})

test('the last healthy replica is not touched: a human is asked, once, and the task waits', async () => {
  await using stage = await setStage()
  const agent = await agentIn(stage, 'auto')
  const request = restart(stage)
  expect(await agent.run(request, command)).toMatchObject({ status: 'waiting' })
  expect(await (await agentIn(stage, 'auto')).run(request, command)).toMatchObject({ status: 'waiting' })
  const [question, ...more] = await asked(stage)
  expect(more).toEqual([])
  expect(question).toMatchObject({ task: request.task, fence: 7, policies: ['last-healthy-replica'] })
  expect([stage.effects(), await stage.ledger()]).toEqual([[], []])

  expect(await agent.run(approve(request), command)).toMatchObject({ status: 'succeeded' })
  expect(stage.effects()).toEqual(['restart web'])
  expect((await stage.ledger())[0]).toMatchObject({ state: 'intent', policies: ['disruptive'], approval_id: question!.approval_id })
  // The same approval again: the effect has its outcome, and is not done again.
  await agent.run(approve(request), command)
  expect(stage.effects()).toEqual(['restart web'])
})

test('an approval of something else, of somebody else, an old one and one under a later fence open nothing', async () => {
  await using stage = await setStage()
  const agent = await agentIn(stage, 'approve')
  const request = restart(stage)
  const refused = async (wrong: TaskRequest, why: string) => {
    await expect(agent.run(wrong, command)).rejects.toEqual(code(why))
    expect([stage.effects(), await stage.ledger()]).toEqual([[], []])
  }
  const other = (change: Partial<TaskRequest>, task: Partial<TaskRequest['task']> = {}): TaskRequest => ({
    ...request,
    ...(({ approval }) => ({ approval }))(approve({ ...request, ...change, task: { ...request.task, ...task } }))
  })
  await refused(other({}, { target: 'job' }), 'E_APPROVAL_INVALID')
  await refused(other({}, { type: 'config.restore' }), 'E_APPROVAL_INVALID')
  await refused(other({}, { args: { force: true } }), 'E_APPROVAL_INVALID')
  await refused(other({ plan_id: 'plan-fedcba9876543210' }), 'E_APPROVAL_INVALID')
  await refused(other({ incident_id: 'inc-20260101-2' }), 'E_APPROVAL_INVALID')
  await refused(approve(request, Date.now() + 60_000, command.fence + 1), 'E_APPROVAL_INVALID')
  await refused(approve(request, Date.now() - 1), 'E_APPROVAL_EXPIRED')
  await refused({ ...request, approval: { ...approve(request).approval!, key_id: '0123456789abcdef' } }, 'E_APPROVAL_INVALID')
})

test('in mode observe nothing is changed, not even with an approval', async () => {
  await using stage = await setStage()
  const agent = await agentIn(stage, 'observe')
  await expect(agent.run(restart(stage), command)).rejects.toEqual(code('E_POLICY_OBSERVE'))
  await expect(agent.run(approve(restart(stage)), command)).rejects.toEqual(code('E_POLICY_OBSERVE'))
  expect([stage.effects(), await stage.ledger(), await asked(stage)]).toEqual([[], [], []])
})

test('safe mode stops everything until an operator turns it off; what cannot be read is on', async () => {
  await using stage = await setStage()
  const agent = await agentIn(stage, 'auto')
  const stopped = async () => expect(agent.run(approve(restart(stage)), command)).rejects.toEqual(code('E_POLICY_SAFE_MODE'))
  await turnSafeMode(stage, 'on', 0)
  await stopped()
  // Signed to follow another switch: an old "off" said again.
  await turnSafeMode(stage, 'off', 0)
  await stopped()
  await stage.swarm.actor('operator').then(({ bus }) => bus.append('safety.mode', new Uint8Array([1]), {}, { id: 'garbage' }))
  await stopped()
  expect([stage.effects(), await stage.ledger()]).toEqual([[], []])
  await turnSafeMode(stage, 'off', 3)
  expect(await agent.run(approve(restart(stage)), command)).toMatchObject({ status: 'succeeded' })
})

test('an effect that was begun and not ended is one too many for another; a human may allow it', async () => {
  await using stage = await setStage()
  const other = { ...restart(stage), incident_id: 'inc-20260101-9', idempotency_key: 'inc-20260101-9-1-act' }
  await expect((await stage.agent(dying(stage))).run(other, command)).rejects.toThrow('killed')
  await stage.configure(bad)
  const agent = await agentIn(stage, 'auto')
  expect(await agent.run(restart(stage), command)).toMatchObject({ status: 'waiting' })
  expect((await asked(stage))[0]).toMatchObject({ policies: ['one-at-a-time'] })
})

test('an effect found unfinished is not done when its target is well by now, and no human is asked for what is over', async () => {
  await using stage = await setStage()
  await expect((await stage.agent(dying(stage))).run(restart(stage), command)).rejects.toThrow('killed')
  const answer = await (await agentIn(stage, 'auto')).run(restart(stage), command)
  expect(answer).toMatchObject({
    status: 'failed',
    error: { code: 'E_POLICY_DENIED', message: expect.stringContaining('last healthy replica') }
  })
  expect([stage.effects(), await asked(stage)]).toEqual([[], []])
})

test('an effect found unfinished is not done when safe mode came on meanwhile', async () => {
  await using stage = await setStage()
  await expect((await stage.agent(dying(stage))).run(restart(stage), command)).rejects.toThrow('killed')
  await turnSafeMode(stage, 'on', 0)
  const answer = await (await stage.agent(undefined, { engine: defaultPolicies })).run(restart(stage), command)
  expect(answer).toMatchObject({ status: 'failed', error: { code: 'E_POLICY_SAFE_MODE' } })
  expect(await stage.ledger()).toMatchObject([{ state: 'intent' }, { result: 'failed', error: { code: 'E_POLICY_SAFE_MODE' } }])
  expect(stage.effects()).toEqual([])
})

test('a command is the one that a scheduler gives, or nothing is done: its type, its arguments, its key, and the intent under that key', async () => {
  await using stage = await setStage()
  await stage.configure(bad)
  const agent = await agentIn(stage, 'auto')
  const good = restart(stage)
  const bent = (changes: Partial<typeof good.task>) => agent.run({ ...good, task: { ...good.task, ...changes } }, command)
  for (const type of ['logs.query', 'service.nuke', 'toString', '__proto__'])
    await expect(bent({ type })).rejects.toMatchObject({ code: 'E_TASK_TYPE' })
  await expect(bent({ args: { force: true } })).rejects.toMatchObject({ code: 'E_TASK_ARGS' })
  for (const idempotency_key of ['inc-20260101-1-1-again', 'inc-20260101-1-2-act', 'inc-20260101-2-1-act'])
    await expect(agent.run({ ...good, idempotency_key }, command)).rejects.toMatchObject({ code: 'E_TASK_KEY' })
  await expect((await stage.agent(dying(stage))).run(good, command)).rejects.toThrow('killed')
  await expect(bent({ target: 'job' })).rejects.toMatchObject({ code: 'E_TASK_KEY' })
  expect(stage.effects()).toEqual([])
})
