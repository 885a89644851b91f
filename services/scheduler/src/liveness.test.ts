import { limits } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Liveness } from './liveness.ts'

const agents = ['log-agent', 'metric-agent']
const lost = (liveness: Liveness, now: number): string[] => [...liveness.lost(agents, now)]

test('nobody is lost who had no time to be heard', () => {
  const liveness = new Liveness(1_000)
  expect(lost(liveness, 1_000 + limits.heartbeat_lost_ms)).toEqual([])
  expect(lost(liveness, 1_001 + limits.heartbeat_lost_ms)).toEqual(agents)
})

test('a role is lost when none of its processes has been heard for five seconds, and back when one is', () => {
  const liveness = new Liveness(0)
  liveness.hear('log-agent', 4_000)
  expect(lost(liveness, 4_001 + limits.heartbeat_lost_ms)).toEqual(agents)
  expect(lost(liveness, 4_000 + limits.heartbeat_lost_ms)).toEqual(['metric-agent'])
  liveness.hear('log-agent', 20_000)
  expect(lost(liveness, 20_001)).toEqual(['metric-agent'])
})

test('only those who are asked about are answered', () => {
  const liveness = new Liveness(0)
  expect([...liveness.lost(['action-agent'], 60_000)]).toEqual(['action-agent'])
  expect([...liveness.lost([], 60_000)]).toEqual([])
})

test('law: who beats every two seconds is never lost; who stops is lost five seconds later, and not before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(20_000), (beats, silence) => {
      const liveness = new Liveness(0)
      for (let beat = 1; beat <= beats; beat++) {
        const at = beat * limits.heartbeat_ms
        expect(liveness.lost(['planner'], at).size).toBe(0)
        liveness.hear('planner', at)
      }
      expect(liveness.lost(['planner'], beats * limits.heartbeat_ms + silence).size).toBe(silence > limits.heartbeat_lost_ms ? 1 : 0)
    })
  )
})
