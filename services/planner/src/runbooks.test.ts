// Runbooks with an embedding model on a scripted server, which takes words for alike that are spelled alike.
import type { Hypothesis } from '@triage/contracts'
import { type ModelServerOptions, startModelServer } from '@triage/model-server'
import { Library, parseRunbook } from '@triage/runbooks'
import { afterEach, expect, test, vi } from 'vitest'
import { Shelf } from './runbooks.ts'

afterEach(() => vi.unstubAllEnvs())

const book = (id: string, text: string) => parseRunbook(`${id}.md`, `---\ntitle: ${id}\n---\n${text}\n`)
const library = new Library([
  book('database', 'The database has no more connections: they are exhausted.'),
  book('disk', 'Volumes fill up with old files.'),
  book('orders', 'Start orders.')
])
const suspected: Hypothesis = { service: 'orders', cause: 'process_exited', confidence: 0.9, evidence: [], statement: '' }
const misspelt = 'teh databsae conections exhausetd'
const ids = (found: readonly { runbook: string }[]): string[] => found.map(({ runbook }) => runbook)

/** What is found of a misspelt report, at first and when there has been time, and what was complained of. */
async function found(options: Partial<ModelServerOptions>, withinMs = 2_000) {
  await using server = await startModelServer({ script: [], ...options })
  vi.stubEnv('OLLAMA_HOST', server.ollama_url)
  const warn = vi.fn()
  const shelf = new Shelf(library, 'ollama/scripted:1b', { info: () => {}, warn })
  const runbooks = ids(await shelf.find(misspelt, [suspected], withinMs))
  return { runbooks, warnings: warn.mock.calls.length, embedded: server.embedded.flat() }
}

test('what is misspelt is found by an embedding model, beside what the words find', async () => {
  const words = new Shelf(library, '', { info: () => {}, warn: () => {} })
  expect(ids(await words.find(misspelt, [suspected], 2_000))).toEqual(['orders'])
  const { runbooks, warnings, embedded } = await found({})
  expect(runbooks.toSorted()).toEqual(['database', 'disk', 'orders'])
  expect(runbooks.indexOf('database')).toBeLessThan(runbooks.indexOf('disk'))
  expect(warnings).toBe(0)
  expect(embedded).toHaveLength(4)
})

test('one that fails, hangs or is late leaves the words alone, and that is logged', async () => {
  for (const embeds of [{ does: 'fail', status: 400 }, { does: 'hang' }] as const) {
    const { runbooks, warnings } = await found({ embeds }, 300)
    expect(runbooks).toEqual(['orders'])
    expect(warnings).toBeGreaterThan(0)
  }
  expect((await found({}, 0)).runbooks).toEqual(['orders'])
})

test('no secret is sent to it', async () => {
  await using server = await startModelServer({ script: [] })
  vi.stubEnv('OLLAMA_HOST', server.ollama_url)
  const shelf = new Shelf(library, 'ollama/scripted:1b', { info: () => {}, warn: () => {} })
  await shelf.find('it says password=Hunter2x', [suspected], 2_000)
  expect(server.embedded.flat().at(-1)).toContain('it says password=')
  expect(server.embedded.flat().join()).not.toContain('Hunter2x')
})
