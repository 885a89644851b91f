import { expect, test } from 'vitest'
import { image, TestProject } from './test-project.ts'

test("what a container uses is told with its limit of memory, by the engine's clock", async () => {
  const idle = { image, command: ['sleep', 'infinity'], init: true }
  await using project = await TestProject.start({ small: { ...idle, mem_limit: '64m' }, two: { ...idle, mem_limit: '32m', scale: 2 } })
  const asked = Date.now()
  const stats = await project.as('reader').stats()
  expect(stats.map(({ name, memory_limit_bytes }) => [name, memory_limit_bytes])).toEqual([
    ['small', 64 * 1024 ** 2],
    ['two', 64 * 1024 ** 2]
  ])
  for (const { at } of stats) expect(Math.abs(Date.parse(at) - asked)).toBeLessThan(60_000)
})
