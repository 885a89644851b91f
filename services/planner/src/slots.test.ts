import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

const { signal } = new AbortController()

test('who comes when all are taken waits for the first that is free, in order', async () => {
  const slots = new Slots(1)
  const first = await slots.take(0, signal)
  const order: string[] = []
  const later = ['second', 'third'].map(async (name) => {
    using slot = await slots.take(60_000, signal)
    order.push(slot ? name : 'nobody')
  })
  expect(order).toEqual([])
  first![Symbol.dispose]()
  await Promise.all(later)
  expect(order).toEqual(['second', 'third'])
})

test('who waited too long, or was called off, leaves no gap in the queue', async () => {
  const slots = new Slots(1)
  const first = await slots.take(0, signal)
  const called = new AbortController()
  const [late, off] = [slots.take(5, signal), slots.take(60_000, called.signal)]
  const patient = slots.take(60_000, signal)
  expect(await late).toBeNull()
  called.abort()
  expect(await off).toBeNull()
  expect(await slots.take(60_000, called.signal)).toBeNull()
  first![Symbol.dispose]()
  expect(await patient).not.toBeNull()
})
