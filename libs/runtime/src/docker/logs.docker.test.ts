import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import { image, TestProject } from './test-project.ts'

const megabytes = 1024 ** 2

test('memory stays bounded on a container that has printed 100 MB', async () => {
  const flood = "head -c 104857600 /dev/zero | tr '\\0' x | fold -w 30000; echo; echo done; exec sleep infinity"
  await using project = await TestProject.start({ flood: { image, command: ['sh', '-c', flood], init: true } })
  const reader = project.as('reader')
  await until('all of it', async () => (await reader.logs('flood', { tail: 1 }))[0]?.line === 'done')
  let peak = 0
  const sampling = new AbortController()
  const before = process.memoryUsage().rss
  const sampler = (async () => {
    while (!sampling.signal.aborted) {
      peak = Math.max(peak, process.memoryUsage().rss - before)
      await delay(5)
    }
  })()
  const lines = await reader.logs('flood')
  sampling.abort()
  await sampler
  const bytes = lines.reduce((sum, { line }) => sum + line.length, 0)
  console.log(
    `100 MB printed: ${lines.length} lines of ${(bytes / megabytes).toFixed(2)} MiB read, memory grew by ${(peak / megabytes).toFixed(0)} MiB`
  )
  expect(lines.at(-1)?.line).toBe('done')
  // A line of 30000 comes in two messages of the engine.
  expect(lines.at(-3)?.line).toBe('x'.repeat(30_000))
  expect(bytes).toBeLessThanOrEqual(megabytes)
  expect(peak).toBeLessThan(64 * megabytes)
})

test('a terminal has one raw stream; logs of several containers are merged by their time', async () => {
  const ticking = { image, command: ['sh', '-c', 'for i in 1 2 3; do echo "line $$i"; sleep 0.2; done; exec sleep infinity'], init: true }
  await using project = await TestProject.start({ terminal: { ...ticking, tty: true }, twice: { ...ticking, scale: 2 } })
  const reader = project.as('reader')
  await until('all lines', async () => (await reader.logs('twice')).length === 6 && (await reader.logs('terminal')).length === 3)
  expect((await reader.logs('terminal')).map(({ line }) => line)).toEqual(['line 1', 'line 2', 'line 3'])
  const merged = await reader.logs('twice')
  expect(merged.map(({ at }) => at)).toEqual(merged.map(({ at }) => at).toSorted())
  expect(await reader.logs('twice', { tail: 2 })).toHaveLength(2)
  expect(await reader.inspect('twice')).toMatchObject({ replicas: { desired: 2, running: 2 } })
})
