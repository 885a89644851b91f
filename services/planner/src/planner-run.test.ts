import { hash } from 'node:crypto'
import { testSwarm } from '@triage/actor/testing'
import type { PlannerRun } from '@triage/contracts'
import { expect, test } from 'vitest'
import { recordRun } from './planner-run.ts'

test('whatever went in and came out fits into one message, with the hashes of all of it', async () => {
  await using swarm = await testSwarm()
  const { outbox } = await swarm.actor('planner')
  const run = { incident_id: 'inc-20260101-1', round: 0, planner: 'rulebook', startedAt: new Date(), took_ms: 1 }
  const follows = { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, cause: 'a' }
  for (const text of ['"'.repeat(300_000), '€'.repeat(300_000), '💥'.repeat(300_000), '\u0000'.repeat(300_000)])
    await recordRun(outbox, { ...run, input: text, output: text }, follows)
  await recordRun(outbox, { ...run, input: 'short', output: 'token=ghp_0123456789abcdefghijklmnopqrstuvwxyz' }, follows)
  const stored = await Array.fromAsync(swarm.root.history('RECORDS'))
  const kept = stored.map(({ body }) => (JSON.parse(new TextDecoder().decode(body)) as { payload: PlannerRun }).payload)
  expect(kept.map(({ cut }) => cut)).toEqual([true, true, true, true, undefined])
  expect(kept[1]!.input_sha256).toBe(hash('sha256', '€'.repeat(300_000)))
  expect(kept[4]!.output).not.toContain('ghp_')
  expect(kept[4]!.output_sha256).toBe(hash('sha256', kept[4]!.output))
})
