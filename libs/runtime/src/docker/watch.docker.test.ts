import { expect, test } from 'vitest'
import type { RuntimeEvent } from '../port.ts'
import { until } from '../until.ts'
import { image, TestProject } from './test-project.ts'

test('a watch outlives its connection and hears what happened meanwhile', async () => {
  await using project = await TestProject.start({ web: { image, command: ['sleep', 'infinity'], init: true, stop_grace_period: '1s' } })
  const reader = project.as('reader')
  const { run_id } = await reader.inspect('web')
  const watcher = new AbortController()
  const events: RuntimeEvent[] = []
  const watching = (async () => {
    for await (const event of reader.watch(watcher.signal)) events.push(event)
  })()
  await until('the watch has begun', async () => {
    await project.compose('restart', 'web')
    return events.some(({ kind }) => kind === 'start')
  })
  const port = Number(new URL(project.proxy.url).port)
  await project.proxy.close()
  const before = events.length
  await project.compose('restart', 'web')
  await project.serve(port)
  await until('the events of the gap', () => events.length >= before + 2)
  expect(events.slice(before).map(({ kind }) => kind)).toEqual(['exit', 'start'])
  expect(events.at(-1)).toMatchObject({ name: 'web', run_id: (await reader.inspect('web')).run_id })
  expect((await reader.inspect('web')).run_id).not.toBe(run_id)
  watcher.abort()
  await watching
})

test('a watch without an engine says so at once', async () => {
  const { dockerRuntime } = await import('./driver.ts')
  const watch = dockerRuntime({ url: 'unix:///nowhere/docker.sock', project: 'x' }).watch(new AbortController().signal)
  await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'E_RUNTIME_UNREACHABLE' })
})
