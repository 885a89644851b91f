// Who decides: a human for each change, or nobody. The action agent is killed while it waits for the human.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@triage/bus/testing'
import { type Awaited, awaitedApprovals, change, deny, findAwaited, grant } from '@triage/cli/awaited'
import { askInjector } from '@triage/cli/inject'
import { practiceShop } from '@triage/cli/practice-shop'
import type { Rehearsal } from '@triage/cli/rehearsal'
import { turnSafeMode } from '@triage/cli/safe-mode'
import { Swarm } from '@triage/cli/swarm'
import { expect, test } from 'vitest'
import { type Bench, faultsOf, startBench } from '../support/swarm.ts'

/** Kills an instance of the shop, and answers the first question that is put to a human. */
async function whenAsked(bench: Bench, answer: (awaited: Awaited) => Promise<unknown>): Promise<Rehearsal> {
  let answered: Promise<unknown> | null = null
  const rehearsal = await bench.rehearse('process-kill', {
    onFact: (fact) => {
      if (fact.type !== 'incident.approval-requested.v1' || answered) return
      answered = (async () => answer(await until('the question', async () => (await awaitedApprovals(bench.session))[0])))()
    }
  })
  expect(answered).not.toBeNull()
  await answered
  return rehearsal
}
const intents = async ({ session }: Bench): Promise<number> => (await session.bus.size('EFFECTS')).messages
const byAgent = ({ checks }: Rehearsal) => checks.find(({ name }) => name === 'no collateral')!.detail

test('mode approve: nothing is changed before a human allows it, whoever dies meanwhile', async () => {
  await using bench = await startBench({ mode: 'approve' })
  const { session, swarm } = bench

  const allowed = await whenAsked(bench, async (awaited) => {
    const killed = swarm.pids()['action-agent']!
    process.kill(killed, 'SIGKILL')
    await until('another action agent', () => ![killed, undefined].includes(swarm.pids()['action-agent']))
    expect(await intents(bench)).toBe(0)
    await grant(session, awaited)
  })
  expect(faultsOf(allowed)).toBe('')
  expect(allowed.state.end).toMatchObject({ kind: 'recovered' })
  const effects = await intents(bench)
  expect(effects).toBe(2)

  const denied = await whenAsked(bench, (awaited) => deny(session, awaited, 'not during the sale'))
  expect(denied.state.end).toMatchObject({ kind: 'escalated', reason: 'approval_denied' })
  expect(denied.state.end!.summary).toContain('not during the sale')
  expect([await intents(bench), byAgent(denied)]).toEqual([effects, '0 operations, all of them called for'])

  const changed = await whenAsked(bench, (awaited) => change(session, awaited, { args: {} }))
  expect(faultsOf(changed)).toBe('')
  expect(changed.state.plans.map(({ origin }) => origin)).toEqual(['planner', 'operator'])

  await turnSafeMode(session, 'on')
  const stopped = await bench.rehearse('process-kill')
  expect(stopped.state.end).toMatchObject({ kind: 'escalated', reason: 'safe_mode' })
  await turnSafeMode(session, 'off')
  expect(await intents(bench)).toBe(effects + 2)
}, 240_000)

test('what got well by itself is not touched: the question lapses, whoever dies meanwhile, and an answer to it is refused', async () => {
  await using bench = await startBench({ mode: 'approve' })
  const { session, swarm } = bench
  const kills = ['incident.approval-requested.v1', 'incident.approval-lapsed.v1']
  let asked: string | null = null
  const repaired = Promise.withResolvers<unknown>()
  const rehearsal = await bench.rehearse('process-kill', {
    onFact: (fact) => {
      if (fact.type === 'incident.approval-requested.v1') {
        asked = fact.payload.approval_id
        // Somebody repairs it by hand.
        repaired.resolve(askInjector(session, { command: 'undo' }))
      }
      if (kills[0] !== fact.type) return
      kills.shift()
      process.kill(swarm.pids().monitor!, 'SIGKILL')
    }
  })
  await repaired.promise
  expect(kills).toEqual([])
  expect(rehearsal.state.end).toMatchObject({ kind: 'recovered', reason: 'by_itself' })
  expect([await intents(bench), byAgent(rehearsal)]).toEqual([0, '0 operations, all of them called for'])
  await expect(findAwaited(session, asked!)).rejects.toMatchObject({ code: 'E_APPROVAL_LAPSED' })
}, 240_000)

test('mode observe: nothing is changed, and the incident is handed over with the reason', async () => {
  await using bench = await startBench({ mode: 'observe' })
  const rehearsal = await bench.rehearse('process-kill')
  expect(rehearsal.state.end).toMatchObject({ kind: 'escalated', reason: 'observe_only' })
  expect([await intents(bench), byAgent(rehearsal)]).toEqual([0, '0 operations, all of them called for'])
}, 120_000)

test('a policy that is not valid stops the start, with its file and line', async () => {
  const policies = await mkdtemp(join(tmpdir(), 'triage-policies-'))
  try {
    await writeFile(join(policies, 'mine.cedar'), '@id("x") @why("y")\nforbid (principal, action == Action::"service.nuke", resource);\n')
    const { signal } = new AbortController()
    const starting = Swarm.up({ admit: practiceShop({ seed: 1, rules: { policies } }), data: null, natsPort: null, log: () => {}, signal })
    await expect(starting).rejects.toMatchObject({
      code: 'E_POLICY_INVALID',
      message: expect.stringMatching(/^mine\.cedar:2: .*service\.nuke/)
    })
  } finally {
    await rm(policies, { recursive: true })
  }
})
