// `triage explain --model` and its recordings, run as a program on a real bus.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type Script, startModelServer } from '@triage/model-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeStage, type Stage } from '../audit/test-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await makeStage()
  const gateway = await stage.swarm.actor('gateway')
  const report = {
    text: 'checkout is down',
    truncated: false,
    sha256: 'a'.repeat(64),
    bytes: 16,
    intake_seq: 1,
    received_at: '2026-01-01T12:00:00.000Z'
  }
  await gateway.outbox.fact('inc-20260101-1', { type: 'incident.opened.v1', key: '1', payload: { report } })
})
afterAll(() => stage[Symbol.asyncDispose]())

function triage(env: Record<string, string>, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const program = join(import.meta.dirname, '../../bin/triage.js')
  const all = { ...process.env, CI: '', NO_COLOR: '1', ...env }
  return new Promise((resolve) =>
    execFile(process.execPath, [program, '--data', stage.data, ...args], { env: all }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err })
    )
  )
}

const wording = { what_happened: 'Checkout was reported as down.', why: 'Nobody has an explanation yet.', what_next: 'Wait.' }
const says = (answer: object): Script => [{ does: 'answer', text: JSON.stringify(answer) }]

test('a wording is shown as a model made it, recorded, and shown again without the model', async () => {
  const tape = join(stage.data, 'tape')
  {
    await using server = await startModelServer({ script: says(wording) })
    const env = { OLLAMA_HOST: server.ollama_url, TRIAGE_MODEL_FAST: 'ollama/scripted:1b', TRIAGE_MODEL_SMART: '' }
    const { code, out, err } = await triage(env, 'explain', 'last', '--record', tape, '--model')
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('(worded by ollama/scripted:1b, a language model')
    expect(out).toContain('What happened\n  Checkout was reported as down.\n')
    expect(out).toContain('What was done\n  Nothing.\n')
  }
  const again = await triage({}, '--json', 'explain', 'last', '--replay', tape, '--model', 'ollama/scripted:1b')
  expect(JSON.parse(again.out)).toMatchObject({ incident_id: 'inc-20260101-1', model: 'ollama/scripted:1b', wording })
})

test('what a model invents is not shown: the template is, and a line says why', async () => {
  await using server = await startModelServer({ script: says({ ...wording, why: 'The billing service is full.' }) })
  const { code, out, err } = await triage({ OLLAMA_HOST: server.ollama_url }, 'explain', 'last', '--model', 'ollama/scripted:1b')
  expect(code).toBe(0)
  expect(out).toContain('it was reported: "checkout is down"')
  expect(out).not.toContain('billing')
  expect(err).toBe('Not worded by ollama/scripted:1b: E_ANSWER_DISAGREES it says billing, which the facts do not\n')
})

test('nothing was planned, so nothing is planned again', async () => {
  expect(await triage({}, 'replay', 'last')).toEqual({ code: 0, out: 'Nobody has proposed a plan yet.\n', err: '' })
  expect((await triage({}, 'replay', 'inc-20260101-9')).err).toContain('E_NO_INCIDENT')
})
