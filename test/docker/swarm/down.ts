import { expect, test } from 'vitest'
import { bench } from '../shared.ts'

test('down leaves nothing', async () => {
  expect((await bench.project.remains()).length).toBeGreaterThan(40)
  await bench.project[Symbol.asyncDispose]()
  expect(await bench.project.remains()).toEqual([])
}, 120_000)
