// Actions on containers, as transactions: done once, found done or not done after the agent died in between, and taken back.
import { existsSync } from 'node:fs'
import type { ActionType, Expect, TaskRequest } from '@triage/contracts'
import type { RuntimeWriter } from '@triage/runtime'
import { expect, test } from 'vitest'
import { docker, image, TestProject } from '../../../libs/runtime/src/docker/test-project.ts'
import { operationsFile, readOperations } from '../../../libs/runtime/src/op-log.ts'
import { command, key, type Stage, setStage } from './test-stage.ts'

const serve = "require('node:http').createServer((_, response) => response.end()).listen(8080)"
const web = {
  image,
  init: true,
  command: ['node', '-e', serve],
  stop_grace_period: '1s',
  networks: ['front', 'back'],
  labels: { 'triage.probe.alive': 'http://:8080/' }
}

interface Case {
  type: ActionType
  args: Record<string, string>
  condition: Expect['condition']
  trouble: (project: TestProject) => Promise<unknown>
  /** What is done at the target in its name. */
  effects: string[]
}
const cases: Case[] = [
  {
    type: 'network.attach',
    args: { network: 'NAME_back' },
    condition: 'attached',
    trouble: async (project) => docker('network', 'disconnect', `${project.name}_back`, (await project.ids('web'))[0]!),
    effects: ['attach_network web']
  },
  {
    type: 'service.start',
    args: {},
    condition: 'healthy',
    trouble: (project) => project.compose('pause', 'web'),
    effects: ['unpause web']
  },
  { type: 'service.start', args: {}, condition: 'healthy', trouble: (project) => project.compose('kill', 'web'), effects: ['start web'] }
]

const start = () => TestProject.start({ web }, {}, { front: {}, back: { internal: true } })

function request(stage: Stage, project: TestProject, { type, args, condition }: Case, within_ms = 10_000): TaskRequest {
  const made = stage.request(type, 'web', condition, within_ms)
  const filled = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, value.replace('NAME', project.name)]))
  return { ...made, task: { ...made.task, args: filled } }
}
/** Nothing was ever done while there is no file. */
const effectsOf = (project: TestProject): string[] =>
  (existsSync(operationsFile(project.folder.path)) ? readOperations(project.folder.path) : [])
    .filter(({ idempotency_key }) => idempotency_key === key)
    .map(({ op, name }) => `${op} ${name}`)

/** A runtime that is lost at the effect: before it takes place, or after. */
function lost(runtime: RuntimeWriter, when: 'before' | 'after'): RuntimeWriter {
  const die =
    <A extends unknown[]>(act: (...args: A) => Promise<void>) =>
    async (...args: A) => {
      if (when === 'after') await act(...args)
      throw new Error('killed here')
    }
  return { ...runtime, start: die(runtime.start), attachNetwork: die(runtime.attachNetwork) }
}

test.each(cases)('$type is done once, and found done by the next life of the agent: $effects', async (one) => {
  await using stage = await setStage()
  await using project = await start()
  await one.trouble(project)
  const asked = request(stage, project, one)
  await expect((await stage.agent(lost(project.as('writer'), 'before'))).run(asked, command)).rejects.toThrow('killed here')
  expect(effectsOf(project)).toEqual([])
  await expect((await stage.agent(lost(project.as('writer'), 'after'))).run(asked, command)).rejects.toThrow('killed here')
  expect(await (await stage.agent(project.as('writer'))).run(asked, command)).toMatchObject({ status: 'succeeded' })
  expect(effectsOf(project)).toEqual(one.effects)
  expect(await stage.ledger()).toMatchObject([{ state: 'intent' }, { state: 'outcome', result: 'committed', probed: true }])
  expect(await project.as('reader').inspect('web')).toMatchObject({
    status: 'running',
    networks: [`${project.name}_back`, `${project.name}_front`]
  })
})

test('a service is put on no network that it was not on, and one that does not help is left again', async () => {
  await using stage = await setStage()
  await using project = await start()
  const [attach] = cases as [Case]
  const agent = await stage.agent(project.as('writer'))
  const elsewhere = request(stage, project, { ...attach, args: { network: 'bridge' } })
  expect(await agent.run(elsewhere, command)).toMatchObject({ status: 'failed', error: { code: 'E_TASK_PRECONDITION' } })
  await attach.trouble(project)
  await project.compose('kill', '--signal', 'STOP', 'web')
  await docker('exec', (await project.ids('web'))[0]!, 'sh', '-c', 'kill -STOP -1')
  const answer = await agent.run(request(stage, project, attach, 500), command)
  expect(answer).toMatchObject({ status: 'failed', error: { code: 'E_TASK_POSTCONDITION' } })
  expect((await stage.ledger()).at(-1)).toMatchObject({ result: 'undone' })
  expect((await project.as('reader').inspect('web')).lost_networks).toEqual([`${project.name}_back`])
})

test('a poisoned key is deleted, though whoever reads it next puts something else there within a moment', async () => {
  await using stage = await setStage()
  await using project = await TestProject.start({ cache: { image: 'redis:8', stop_grace_period: '1s' } })
  const [id] = await project.ids('cache')
  const redis = async (...args: string[]): Promise<string> => (await docker('exec', id!, 'redis-cli', ...args)).trim()
  await redis('SET', 'product:1', '{"id":1,"na')
  await docker('exec', '--detach', id!, 'sh', '-c', 'while :; do redis-cli SET product:1 good NX; done')
  const made = stage.request('cache.delete_key', 'cache', 'key_absent')
  const asked = { ...made, task: { ...made.task, args: { key: 'product:1' } } }
  expect(await (await stage.agent(project.as('writer'))).run(asked, command)).toMatchObject({ status: 'succeeded' })
  expect((await stage.ledger()).at(-1)).toMatchObject({ result: 'committed' })
  expect(await redis('GET', 'product:1')).toBe('good')
})
