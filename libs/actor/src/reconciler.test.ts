import { until } from '@triage/bus/testing'
import { createLog } from '@triage/log'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Reconciler } from './reconciler.ts'

const log = createLog('test', '1', 'silent')
const idle = (reconciler: Reconciler) => until('the reconciler to be idle', () => reconciler.busy === 0)

test('what wakes it while it works leads to one more look, however often', async () => {
  const gate = Promise.withResolvers<null>()
  let looks = 0
  const reconciler = new Reconciler(() => (++looks === 1 ? gate.promise : Promise.resolve(null)), log)
  for (let i = 0; i < 5; i++) reconciler.wake('a')
  expect([looks, reconciler.busy]).toEqual([1, 1])
  gate.resolve(null)
  await idle(reconciler)
  expect(looks).toBe(2)
})

test('one incident does not wait for another', async () => {
  const gate = Promise.withResolvers<null>()
  const looked: string[] = []
  const reconciler = new Reconciler((id) => {
    looked.push(id)
    return id === 'a' ? gate.promise : Promise.resolve(null)
  }, log)
  reconciler.wake('a')
  reconciler.wake('b')
  expect(looked).toEqual(['a', 'b'])
  gate.resolve(null)
  await idle(reconciler)
})

test('what throws is tried again', async () => {
  let looks = 0
  const reconciler = new Reconciler(async () => {
    if (++looks === 1) throw new Error('once')
    return null
  }, log)
  reconciler.wake('a')
  await until('the second look', () => looks === 2)
  await idle(reconciler)
})

test('it looks again when it said it would, not before, and a wake in between is enough', async () => {
  const looks: number[] = []
  const wanted: (number | null)[] = [Date.now() + 300, Date.now() + 3_600_000, null]
  const reconciler = new Reconciler(async () => {
    looks.push(Date.now())
    return wanted[looks.length - 1] ?? null
  }, log)
  reconciler.wake('a')
  await until('the look that it asked for', () => looks.length === 2)
  // A timer may fire a millisecond early.
  expect(looks[1]).toBeGreaterThanOrEqual(wanted[0]! - 2)
  reconciler.wake('a')
  await until('the look that it was woken for', () => looks.length === 3)
  await reconciler.stop()
})

test('it stops when the work under way is done, and nothing wakes it any more', async () => {
  const gate = Promise.withResolvers<number>()
  let looks = 0
  let stopped = false
  const reconciler = new Reconciler(() => {
    looks++
    return gate.promise
  }, log)
  reconciler.wake('a')
  reconciler.wake('a')
  const stopping = reconciler.stop().then(() => {
    stopped = true
  })
  await new Promise(setImmediate)
  expect(stopped).toBe(false)
  gate.resolve(Date.now())
  await stopping
  reconciler.wake('a')
  await new Promise(setImmediate)
  expect([looks, reconciler.busy]).toEqual([1, 0])
})

test('law: never two looks at one incident at once, and after the last wake there is a look that began later', async () => {
  const step = fc.record({ id: fc.constantFrom('a', 'b'), turns: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), fc.infiniteStream(fc.nat(3)), async (steps, work) => {
      const underWay = new Set<string>()
      const seen = new Map<string, number>()
      let clock = 0
      let overlaps = false
      const reconciler = new Reconciler(async (id) => {
        overlaps ||= underWay.has(id)
        underWay.add(id)
        seen.set(id, ++clock)
        for (let n = work.next().value; n > 0; n--) await new Promise(setImmediate)
        underWay.delete(id)
        return null
      }, log)
      const woken = new Map<string, number>()
      for (const { id, turns } of steps) {
        woken.set(id, ++clock)
        reconciler.wake(id)
        for (let n = turns; n > 0; n--) await new Promise(setImmediate)
      }
      while (reconciler.busy > 0) await new Promise(setImmediate)
      expect(overlaps).toBe(false)
      for (const [id, at] of woken) expect(seen.get(id)).toBeGreaterThan(at)
    }),
    { numRuns: 50 }
  )
})
