// What a model has said is recorded on the real mini-cloud, and taken from the recording when its server is gone.
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Replayed, replayPlans } from '@triage/cli/replay'
import type { Fact } from '@triage/incident'
import { startModelServer } from '@triage/model-server'
import { afterEach, expect, test, vi } from 'vitest'
import { planners } from '../planners/planners.ts'
import { faultsOf, startBench } from '../support/swarm.ts'

const model = 'ollama/scripted:1b'
afterEach(() => vi.unstubAllEnvs())

/** What the launcher, and who replays, hand on. */
function use(variables: Record<string, string>): void {
  const none = { CI: '', TRIAGE_MODEL_RECORD: '', TRIAGE_MODEL_REPLAY: '', TRIAGE_MODEL_FAST: model, TRIAGE_MODEL_SEED: '1' }
  for (const [name, value] of Object.entries({ ...none, ...variables })) vi.stubEnv(name, value)
}

async function recordIncident(folder: string): Promise<Fact[]> {
  await using server = await startModelServer({ script: planners.good! })
  use({ OLLAMA_HOST: server.ollama_url, TRIAGE_MODEL_RECORD: folder })
  await using bench = await startBench()
  expect(faultsOf(await bench.rehearse('process-kill'))).toBe('')
  return await bench.session.facts()
}

const replayed = (facts: readonly Fact[]): Promise<Replayed[]> => Array.fromAsync(replayPlans(facts, null))

const reworded = (fact: Fact): Fact =>
  fact.type === 'incident.opened.v1'
    ? { ...fact, payload: { ...fact.payload, report: { ...fact.payload.report, text: 'the shop is closed' } } }
    : fact

test('a recorded incident gives the same plans again, byte for byte; a new one is planned by whoever has an answer', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-replay-'))
  const facts = await recordIncident(folder.path)

  use({ OLLAMA_HOST: 'http://127.0.0.1:9', TRIAGE_MODEL_REPLAY: folder.path })
  const once = await replayed(facts)
  expect(once.map(({ recorded, same }) => [recorded.source, same])).toEqual([[model, true]])
  expect(JSON.stringify(await replayed(facts))).toBe(JSON.stringify(once))

  // What was not recorded is an error that shows what comes nearest, and the rulebook plans.
  const [missed] = await replayed(facts.map(reworded))
  expect(missed).toMatchObject({ same: false, now: { source: 'rulebook', attempts: [{ outcome: 'failed' }] } })
  expect(missed!.now.attempts![0]!.errors).toEqual([
    { code: 'E_REPLAY_MISS', message: expect.stringMatching(/nearest recorded question differs:\n- .*\n\+ .*the shop is closed/s) }
  ])

  await using bench = await startBench()
  const rehearsal = await bench.rehearse('process-kill')
  expect(faultsOf(rehearsal)).toBe('')
  // Times and measured values are in the prompt and are others each time, so mostly nothing is recorded for it.
  const [{ source, attempts }] = rehearsal.facts.flatMap((fact) => (fact.type === 'incident.plan-proposed.v1' ? [fact.payload] : [])) as [
    Replayed['now']
  ]
  if (source === 'rulebook') expect(attempts).toMatchObject([{ model, outcome: 'failed', errors: [{ code: 'E_REPLAY_MISS' }] }])
  else expect(attempts).toMatchObject([{ model, outcome: 'accepted' }])
})
