import { expect, test } from 'vitest'
import { image, TestProject } from './test-project.ts'

test('what a container uses is told with its limit of memory', async () => {
  const idle = { image, command: ['sleep', 'infinity'], init: true }
  await using project = await TestProject.start({ small: { ...idle, mem_limit: '64m' }, two: { ...idle, mem_limit: '32m', scale: 2 } })
  const stats = await project.as('reader').stats()
  expect(stats.map(({ name, memory_limit_bytes }) => [name, memory_limit_bytes])).toEqual([
    ['small', 64 * 1024 ** 2],
    ['two', 64 * 1024 ** 2]
  ])
})

test('what has come since the last look is told with what it uses', async () => {
  await using project = await TestProject.start({ web: { image, command: ['sleep', 'infinity'], init: true } })
  const reader = project.as('reader')
  await reader.stats()
  const command = ['sh', '-c', 'while :; do :; done']
  const busy = {
    name: 'busy',
    kind: 'worker' as const,
    command,
    cwd: '/',
    env: {},
    depends_on: [],
    probes: [],
    log_format: 'text' as const
  }
  await project.as('injector').launch(busy, 'web')
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect((await reader.stats()).find(({ name }) => name === 'busy')?.cpu_load).toBeGreaterThan(0.2)
})
