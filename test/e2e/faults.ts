// Each fault on the real mini-cloud, repaired by the real swarm, judged by an oracle that shares nothing with it.
import { messageOf, parseEntry } from '@triage/audit-log'
import { verifyLive } from '@triage/cli/audit'
import { expect, test } from 'vitest'
import { faultsOf } from '../support/swarm.ts'
import { bench } from './shared.ts'

test.each(['process-kill', 'process-hang', 'db-conn-drift', 'cache-poison', 'cpu-hog'])(
  '%s is repaired, and nothing else is touched',
  async (name) => {
    const rehearsal = await bench.rehearse(name)
    expect(faultsOf(rehearsal)).toBe('')
    for (const { plan } of rehearsal.state.plans) expect(plan.tasks.length).toBeLessThanOrEqual(8)
  }
)

test('a healthy system is left untouched', async () => {
  const rehearsal = await bench.rehearse('nothing-wrong')
  expect(faultsOf(rehearsal)).toBe('')
  expect(rehearsal.state.end).toMatchObject({ kind: 'cancelled', reason: 'no_fault_found' })
})

test('every effect had its intent before, and its key was used once at the target', async () => {
  const intents = new Map<string, number>()
  for await (const { subject, body } of bench.session.bus.history('EFFECTS')) {
    const { payload } = JSON.parse(new TextDecoder().decode(body)) as { payload: { state: string } }
    const expected = payload.state === 'intent' ? 0 : 1
    expect([subject, intents.get(subject) ?? 0]).toEqual([subject, expected])
    intents.set(subject, expected + 1)
  }
  expect(intents.size).toBeGreaterThanOrEqual(5)
  expect([...intents.values()].every((records) => records === 2)).toBe(true)
})

test('every fact, effect and planner run is in the audit log, which verifies', async () => {
  const verdict = await verifyLive(bench.session)
  expect(verdict).toMatchObject({ ok: true })
  const sizes = await Promise.all((['INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS'] as const).map((stream) => bench.session.bus.size(stream)))
  expect(verdict.entries).toBe(sizes.reduce((sum, { messages }) => sum + messages, 0))
  const types = new Set<string>()
  for await (const { body } of bench.session.bus.history('AUDIT'))
    types.add((JSON.parse(messageOf(parseEntry(body)).toString()) as { envelope: { type: string } }).envelope.type)
  for (const type of ['incident.opened.v1', 'incident.recovered.v1', 'effect.intent.v1', 'effect.outcome.v1', 'record.planner-run.v1'])
    expect(types).toContain(type)
})
