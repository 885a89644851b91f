import type { LogTemplateObservation, TaskRequest } from '@triage/contracts'
import type { LogLine, LogQuery, RuntimeReader } from '@triage/runtime'
import { expect, test } from 'vitest'
import { LogAgent } from './log-agent.ts'

/** A runtime whose clock is so far ahead of ours, and whose one service has just written these lines, newest last. */
function runtime(lines: string[], aheadMs = 0): RuntimeReader {
  const at = (ago: number) => new Date(Date.now() + aheadMs - ago).toISOString()
  const logs = async (_: string, { since, tail }: LogQuery = {}): Promise<LogLine[]> =>
    lines
      .map((line, i) => ({ at: at(lines.length - i), line }))
      .filter((line) => since === undefined || line.at >= since.toISOString())
      .slice(-(tail ?? 0))
  return { list: async () => [{ name: 'orders' }], logs, clock: async () => Date.now() + aheadMs } as unknown as RuntimeReader
}
const query = (args: object): TaskRequest =>
  ({ plan_version: 1, task: { task_id: 'logs', type: 'logs.query', target: 'orders', args } }) as unknown as TaskRequest

test.each([0, 3_600_000, -3_600_000])('a clock that is %d ms ahead hides no line', async (ahead) => {
  const agent = new LogAgent(runtime(['ready', 'ERROR: disk full'], ahead))
  const seen = (await agent.observe('obs-la-r0')) as LogTemplateObservation[]
  expect(seen.map(({ attributes }) => [attributes.template, attributes.new])).toEqual([['ERROR: disk full', true]])
  const { summary } = await agent.carryOut(query({ lookback_s: 10 }))
  expect(summary).toMatch(/^orders: new since [\d:]{8}: ERROR: disk full; 1 of 2 lines$/)
})

test('more lines than are read: it is said', async () => {
  const agent = new LogAgent(runtime([...Array(6000).fill('tick'), 'ERROR: disk full']))
  expect((await agent.observe('obs-la-r0'))[0]!.summary).toMatch(/disk full \(lines before [\d:]{8} were not read\)$/)
  expect((await agent.carryOut(query({}))).summary).toMatch(/1 of 5000 lines; lines before [\d:]{8} were not read$/)
})

test('only its own tasks, and only expressions that are some', async () => {
  const agent = new LogAgent(runtime([]))
  await expect(agent.carryOut({ ...query({}), task: { ...query({}).task, type: 'service.stop' } } as TaskRequest)).rejects.toMatchObject({
    code: 'E_TASK_TYPE'
  })
  await expect(agent.carryOut(query({ matches: '(' }))).rejects.toMatchObject({ code: 'E_TASK_PATTERN' })
})
