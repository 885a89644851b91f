import { type ActionType, type Expect, TriageError } from '@triage/contracts'
import type { RuntimeWriter } from '@triage/runtime'
import { expect, test } from 'vitest'
import { bad, command, good, key, type Stage, setStage } from './test-stage.ts'

const byHost = { by: 'host' } as const
const code = (value: string) => expect.objectContaining({ code: value })

interface Case {
  type: ActionType
  target: string
  condition: Expect['condition']
  /** Brings the world into the state that calls for the action. */
  trouble: (stage: Stage) => Promise<void>
  /** What is done at the target in its name. */
  effect: string
}
const cases: Case[] = [
  {
    type: 'service.start',
    target: 'web',
    condition: 'healthy',
    effect: 'start web',
    trouble: ({ world }) => world.host.stop('web', byHost)
  },
  { type: 'service.restart', target: 'web', condition: 'healthy', effect: 'restart web', trouble: async () => {} },
  {
    type: 'config.restore',
    target: 'web',
    condition: 'config_restored',
    effect: 'restart web',
    trouble: ({ configure }) => configure(bad)
  },
  { type: 'workload.stop', target: 'job', condition: 'stopped', effect: 'stop job', trouble: async () => {} }
]

test.each(cases)(
  '$type is done once, its postcondition holds, and it is committed',
  async ({ type, target, condition, effect, trouble }) => {
    await using stage = await setStage()
    await trouble(stage)
    const before = stage.world.host.inspect(target)
    const answer = await (await stage.agent()).run(stage.request(type, target, condition), command)
    expect(answer).toMatchObject({ status: 'succeeded' })
    expect(stage.effects()).toEqual([effect])
    expect(await stage.ledger()).toMatchObject([
      { state: 'intent', action: type, target, snapshot: { status: before.status, run_id: before.run_id } },
      { state: 'outcome', result: 'committed' }
    ])
    const after = stage.world.host.inspect(target)
    expect(after.status).toBe(type === 'workload.stop' ? 'exited' : 'running')
    expect(after.run_id === before.run_id).toBe(type === 'workload.stop')
    if (target === 'web') expect([await stage.well(), stage.world.host.getConfig('web').text]).toEqual([true, good])
  }
)

test('what is already so is left alone', async () => {
  await using stage = await setStage()
  const answer = await (await stage.agent()).run(stage.request('service.start', 'web', 'healthy'), command)
  expect(answer).toMatchObject({ status: 'succeeded', summary: expect.stringContaining('nothing to do') })
  expect([stage.effects(), await stage.ledger()]).toEqual([[], []])
})

test('what may not be done is not done: no intent, no effect', async () => {
  await using stage = await setStage()
  const agent = await stage.agent()
  const refused = async (type: ActionType, target: string, condition: Expect['condition']) => {
    const answer = await agent.run(stage.request(type, target, condition, 100), command)
    expect([type, answer]).toMatchObject([type, { status: 'failed', error: { code: 'E_TASK_PRECONDITION' } }])
  }
  await refused('workload.stop', 'web', 'stopped')
  await stage.configure(bad)
  await refused('service.start', 'web', 'healthy')
  await stage.world.host.stop('web', byHost)
  await refused('service.restart', 'web', 'healthy')
  expect([stage.effects(), await stage.ledger()]).toEqual([[], []])
})

test('a type that it does not know and a task without a postcondition are refused before anything is read or done', async () => {
  await using stage = await setStage()
  const agent = await stage.agent()
  const request = stage.request('service.restart', 'web', 'healthy')
  const { expect: _, ...promisesNothing } = request.task
  await expect(agent.run({ ...request, task: { ...request.task, type: 'logs.query' } }, command)).rejects.toEqual(code('E_TASK_TYPE'))
  await expect(agent.run({ ...request, task: promisesNothing }, command)).rejects.toEqual(code('E_TASK_TYPE'))
  expect([stage.effects(), await stage.ledger()]).toEqual([[], []])
})

test('a start whose promise does not come true is undone', async () => {
  await using stage = await setStage()
  await stage.configure(bad)
  await stage.world.host.stop('web', byHost)
  const answer = await (await stage.agent()).run(stage.request('service.start', 'web', 'healthy', 500), command)
  expect(answer).toMatchObject({ status: 'failed', error: { code: 'E_TASK_POSTCONDITION' } })
  expect(await stage.ledger()).toMatchObject([{ state: 'intent' }, { result: 'undone', error: { code: 'E_TASK_POSTCONDITION' } }])
  expect(stage.world.host.inspect('web').status).toBe('exited')
})

test('a restored configuration that does not help is taken back', async () => {
  await using stage = await setStage()
  await stage.configure(bad)
  stage.world.host.markBaseline()
  const unlike = '{"well":false,"like":"neither"}'
  await stage.configure(unlike)
  const answer = await (await stage.agent()).run(stage.request('config.restore', 'web', 'config_restored', 500), command)
  expect(answer).toMatchObject({ status: 'failed', error: { code: 'E_TASK_POSTCONDITION' } })
  expect((await stage.ledger()).at(-1)).toMatchObject({ result: 'undone' })
  expect(stage.world.host.getConfig('web').text).toBe(unlike)
})

test('a restart cannot be undone: it failed, and says so', async () => {
  await using stage = await setStage()
  await stage.configure(bad)
  const answer = await (await stage.agent()).run(stage.request('service.restart', 'web', 'healthy', 500), command)
  expect(answer).toMatchObject({ status: 'failed', error: { code: 'E_TASK_POSTCONDITION' } })
  expect((await stage.ledger()).at(-1)).toMatchObject({ result: 'failed' })
  expect(stage.effects()).toEqual(['restart web'])
})

test('what the runtime refuses for good has failed, and is not under way any more', async () => {
  await using stage = await setStage()
  await stage.world.host.stop('web', byHost)
  const missing = new TriageError('E_RUNTIME_IMAGE_MISSING', 'No such image: web:1')
  const agent = await stage.agent({ ...stage.world.as('writer'), start: () => Promise.reject(missing) })
  for (let again = 0; again < 2; again++)
    expect(await agent.run(stage.request('service.start', 'web', 'healthy'), command)).toMatchObject({
      status: 'failed',
      error: { code: 'E_RUNTIME_IMAGE_MISSING', message: 'No such image: web:1' }
    })
  expect(await stage.ledger()).toMatchObject([{ state: 'intent' }, { result: 'failed', error: { code: 'E_RUNTIME_IMAGE_MISSING' } }])
})

/** A runtime that is lost at the effect: before it takes place, or after. */
function lost(runtime: RuntimeWriter, when: 'before' | 'after'): RuntimeWriter {
  const effect = (act: 'start' | 'stop' | 'restart') => async (name: string, options?: object) => {
    if (when === 'after') await runtime[act](name, options)
    throw new Error('killed here')
  }
  return { ...runtime, start: effect('start'), stop: effect('stop'), restart: effect('restart') }
}

test.each(cases)(
  '$type that died after it acted is found done and not done again',
  async ({ type, target, condition, effect, trouble }) => {
    await using stage = await setStage()
    await trouble(stage)
    const request = stage.request(type, target, condition)
    await expect((await stage.agent(lost(stage.world.as('writer'), 'after'))).run(request, command)).rejects.toThrow('killed here')
    expect(await (await stage.agent()).run(request, command)).toMatchObject({ status: 'succeeded' })
    expect(stage.effects()).toEqual([effect])
    expect(await stage.ledger()).toMatchObject([{ state: 'intent' }, { state: 'outcome', result: 'committed', probed: true }])
  }
)

test.each(cases)('$type that died before it acted is done, once', async ({ type, target, condition, effect, trouble }) => {
  await using stage = await setStage()
  await trouble(stage)
  const request = stage.request(type, target, condition)
  await expect((await stage.agent(lost(stage.world.as('writer'), 'before'))).run(request, command)).rejects.toThrow('killed here')
  expect(stage.effects()).toEqual([])
  expect(await (await stage.agent()).run(request, command)).toMatchObject({ status: 'succeeded' })
  expect(stage.effects()).toEqual([effect])
  const [intent, outcome] = await stage.ledger()
  expect([intent, outcome]).toMatchObject([{ state: 'intent' }, { result: 'committed' }])
  expect(outcome).not.toHaveProperty('probed')
})

test('when nobody can tell whether it took place a human decides, and nothing more is done', async () => {
  await using stage = await setStage()
  const request = stage.request('workload.stop', 'job', 'stopped')
  await expect((await stage.agent(lost(stage.world.as('writer'), 'before'))).run(request, command)).rejects.toThrow('killed here')
  // Somebody stopped and started it meanwhile; or we did the first half.
  await stage.world.host.restart('job', byHost)
  for (let again = 0; again < 2; again++)
    expect(await (await stage.agent()).run(request, command)).toMatchObject({ status: 'unknown', error: { code: 'E_EFFECT_UNKNOWN' } })
  expect(stage.effects()).toEqual([])
  expect((await stage.ledger()).at(-1)).toMatchObject({ result: 'unknown' })
})

test('what has an outcome is answered again and not done again, also by another life', async () => {
  await using stage = await setStage()
  const request = stage.request('service.restart', 'web', 'healthy')
  const first = await stage.agent()
  const answers = [await first.run(request, command), await first.run(request, command), await (await stage.agent()).run(request, command)]
  expect(answers.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(stage.effects()).toEqual(['restart web'])
  expect(await stage.ledger()).toHaveLength(2)
})

test('a record that does not hold says nothing of what was done: a human decides', async () => {
  await using stage = await setStage()
  await stage.swarm.root.append(`effect.${key}`, new TextEncoder().encode('{}'), {}, { id: 'forged' })
  const answer = await (await stage.agent()).run(stage.request('service.restart', 'web', 'healthy'), command)
  expect(answer).toMatchObject({ status: 'unknown' })
  expect(stage.effects()).toEqual([])
})

test('of two that have the same command at once one acts', async () => {
  await using stage = await setStage()
  const writer = stage.world.as('writer')
  // Both have read that nothing is on record before either goes on.
  const met = Promise.withResolvers<void>()
  let arrived = 0
  const inspect: RuntimeWriter['inspect'] = async (name) => {
    if (++arrived === 2) met.resolve()
    await met.promise
    return writer.inspect(name)
  }
  const agents = [await stage.agent({ ...writer, inspect }), await stage.agent({ ...writer, inspect })]
  const request = stage.request('service.restart', 'web', 'healthy')
  const results = await Promise.allSettled(agents.map((agent) => agent.run(request, command)))
  expect(stage.effects()).toEqual(['restart web'])
  expect(results.filter(({ status }) => status === 'fulfilled')).toMatchObject([{ value: { status: 'succeeded' } }])
  expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'E_BUS_CONFLICT' } }])
})
