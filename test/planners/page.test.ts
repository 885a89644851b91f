import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { complaints, tables, withTables } from './page.ts'
import { Results } from './results.ts'
import { brokenRow, type Row } from './row.ts'

const row: Row = {
  ...{ runtime: 'process', planner: 'good', fault: 'process-kill', seed: 0 },
  ...{ end: 'recovered', recovered: true, named: true, harm: [], sources: ['model'] },
  ...{ asked: 1, rejected: 0, failed: 0, repairs: 0, tokens: { input: 1500, output: 60 } },
  ...{ plan_ms: 2400, budget_ms: 5000, total_ms: 9000 }
}
const rejected: Row = { ...row, planner: 'bad', sources: ['rulebook', 'rulebook'], asked: 2, rejected: 2, plan_ms: 6000 }
const faults = { process: ['process-kill', 'cpu-hog'], docker: [] }

test('a cell says how it ended, who planned, and what the answers were worth; what was not run is a point', () => {
  const text = tables([row, rejected], faults)
  expect(text).toMatch(/\| good +\| +yes M 0\/0\/0 1\.6k \| +· \|/)
  expect(text).toMatch(/\| bad +\| +yes RR 0\/2\/0 1\.6k \| +· \|/)
  expect(text).toMatch(/\| bad +\| +1 of 1 \| +1 of 1 \| +6\.0 – 6\.0 \| +5\.0 \| +1 of 1 \|/)
  expect(text).toMatch(/Not run at all: none, shallow, /)
  expect(text).toContain('## On docker\n\nNot run.')
  expect(complaints([row, rejected])).toEqual([])
})

test('of several seeds the worst is shown; what is wrong is said in full', () => {
  const harmful: Row = { ...row, seed: 1, harm: ['restart postgres'] }
  const late: Row = { ...row, seed: 2, plan_ms: 6001 }
  const broken = brokenRow({ ...row, seed: 3 }, 5000, new Error('nothing came of it'))
  expect(tables([row, late, harmful], faults)).toMatch(/HARM M 0/)
  expect(complaints([row, harmful, late, broken])).toEqual([
    'process, good, process-kill, seed 1: restart postgres',
    'process, good, process-kill, seed 2: a plan after 6001 ms',
    'process, good, process-kill, seed 3: nothing came of it; no plan'
  ])
})

test('the page keeps what stands around its tables', () => {
  const page = 'before\n<!-- rows: begin -->\nold\n<!-- rows: end -->\nafter\n'
  const once = withTables(page, 'new')
  expect(once).toBe('before\n<!-- rows: begin -->\n\nnew\n\n<!-- rows: end -->\nafter\n')
  expect(withTables(once, 'new')).toBe(once)
  expect(() => withTables('no markers', '')).toThrow('<!-- rows: begin -->')
})

test('what was rehearsed is known to a second run, and is kept once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'triage-planners-'))
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
  const file = join(folder, 'results.jsonl')
  const first = await Results.read(file)
  expect([first.rows, first.has(row)]).toEqual([[], false])
  await first.put(row)
  await first.put(rejected)
  const second = await Results.read(file)
  expect([second.has(row), second.has(rejected), second.has({ ...row, seed: 1 })]).toEqual([true, true, false])
  await second.put({ ...row, total_ms: 1 })
  expect((await Results.read(file)).rows).toEqual([rejected, { ...row, total_ms: 1 }])
  await writeFile(file, 'no JSON\n')
  await expect(Results.read(file)).rejects.toThrow(SyntaxError)
})
