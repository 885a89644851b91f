import type { Alert } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firing, joinAlerts } from './alerts.ts'

const iso = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()
const alert = (fingerprint: string, status: Alert['status'], second: number): Alert => ({
  fingerprint,
  status,
  name: 'TargetDown',
  starts_at: iso(second)
})

test('resolved is the last word on one firing, and a later start is another', () => {
  const [fires, resolved, again] = [alert('a1', 'firing', 1), alert('a1', 'resolved', 1), alert('a1', 'firing', 9)]
  expect(joinAlerts({}, [fires, resolved, fires])).toEqual({ a1: resolved })
  expect(joinAlerts({}, [fires, resolved, again, resolved])).toEqual({ a1: again })
  expect(firing(joinAlerts({}, [resolved, alert('b2', 'firing', 3)])).map(({ fingerprint }) => fingerprint)).toEqual(['b2'])
})

test('law: in whatever order and however often alerts come, the same is known in the end', () => {
  const any = fc
    .tuple(fc.constantFrom('a1', 'b2'), fc.constantFrom('firing' as const, 'resolved' as const), fc.integer({ min: 0, max: 3 }))
    .map((parts) => alert(...parts))
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (alerts, order) => {
      const shuffled = [...alerts, ...alerts].map((one) => [order.next().value!, one] as const).sort(([a], [b]) => a - b)
      expect(
        joinAlerts(
          {},
          shuffled.map(([, one]) => one)
        )
      ).toEqual(joinAlerts({}, alerts))
    })
  )
})
