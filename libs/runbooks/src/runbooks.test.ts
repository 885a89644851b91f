import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import { loadRulebook } from '@triage/rulebook'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerpt } from './library.ts'
import { Library, loadRunbooks, parseRunbook } from './runbooks.ts'

const folder = join(import.meta.dirname, '../../../runbooks')
const runbooks = await loadRunbooks(folder)
const rulebook = await loadRulebook(join(import.meta.dirname, '../../../rulebook'))
const library = new Library(runbooks)
const bounds = { most: 3, chars: 400 }

const page = (front: string, body = '## Do\nsomething'): string => `---\n${front}\n---\n${body}\n`
function complaint(text: string, file = 'x.md'): string {
  try {
    parseRunbook(file, text)
  } catch (error) {
    expect(error).toBeInstanceOf(TriageError)
    expect((error as TriageError).code).toBe('E_RUNBOOK')
    return (error as TriageError).message
  }
  throw new Error('the runbook was accepted')
}

test('a runbook is split at its headings, and what looks like one in code is none', () => {
  const book = parseRunbook(
    'a-b.md',
    page('title: T\ncauses: [c_1]', 'before\n## One ##\n```sh\n# no heading\n```\n### Two\nx\n## Empty\n')
  )
  expect(book).toEqual({
    id: 'a-b',
    title: 'T',
    services: [],
    causes: ['c_1'],
    symptoms: [],
    sections: [
      { heading: '', text: 'before' },
      { heading: 'One', text: '```sh\n# no heading\n```' },
      { heading: 'Two', text: 'x' }
    ]
  })
})

test('what is wrong is named, with its file', () => {
  expect(complaint('# Hello')).toBe('x.md: it does not begin with front matter between two lines of ---')
  expect(complaint(page('title: [', 'x'))).toMatch(/^x\.md: the front matter is not YAML/)
  expect(complaint(page('- a'))).toBe('x.md: the front matter has no fields')
  expect(complaint(page('causes: []'))).toBe('x.md: title: a line of 1 to 120 characters is needed')
  expect(complaint(page('title: T\ncause: x'))).toBe('x.md: there is no field cause; there are title, services, causes, symptoms')
  expect(complaint(page('title: T\ncauses: process_exited'))).toBe('x.md: causes: a list of at most 50 is needed')
  expect(complaint(page('title: T\ncauses: [Process Exited]'))).toMatch(/causes: "Process Exited" does not match/)
  expect(complaint(page('title: T', '## Nothing'))).toBe('x.md: it says nothing below its front matter')
  expect(complaint(page('title: T'), '../x.md')).toMatch(/a file is called/)
  expect(complaint(page('title: T', 'x'.repeat(70_000)))).toBe('x.md: longer than 64 KiB')
})

test('a folder with a bad file, and one that is not there, are refused', async () => {
  const bad = await mkdtemp(join(tmpdir(), 'runbooks-'))
  await writeFile(join(bad, 'bad.md'), 'no front matter')
  await expect(loadRunbooks(bad)).rejects.toMatchObject({ code: 'E_RUNBOOK', message: expect.stringMatching(/^bad\.md: /) })
  await rm(bad, { recursive: true })
  await expect(loadRunbooks(bad)).rejects.toMatchObject({ code: 'E_RUNBOOK' })
})

test.each([
  ['checkout throws 500s, orders is exited after SIGKILL, connect ECONNREFUSED', 'process-exited'],
  ['getaddrinfo ENOTFOUND db-replica, it worked before the change', 'config-drift'],
  ['one product cannot be shown: SyntaxError: Unexpected token', 'cache-poison'],
  ['everything is slow at once, something eats the CPU', 'cpu-hog'],
  ['orders runs but hangs, TimeoutError', 'process-hung'],
  ['several services fail at once, postgres port 5432', 'database-down'],
  ['orders are accepted and never fulfilled, lag grows', 'queue-down']
])('%s → %s', (text, expected) => {
  expect(library.find({ text }, bounds)[0]!.runbook).toBe(expected)
})

test('every cause that a rule recognises has a runbook, which is found by it whatever the words are', () => {
  for (const { cause } of rulebook.rules) {
    const [first] = library.find({ text: 'please help', causes: [cause] }, bounds)
    expect([cause, runbooks.find((book) => book.id === first?.runbook)?.causes]).toEqual([cause, expect.arrayContaining([cause])])
  }
})

test('what is found is bounded and in an order that does not change', () => {
  const found = library.find({ text: 'start restart it service database' }, { most: 4, chars: 100 })
  expect(found.length).toBe(4)
  for (const { text } of found) expect(text.length).toBeLessThanOrEqual(100)
  for (const id of found.map((one) => one.runbook)) expect(found.filter((one) => one.runbook === id).length).toBeLessThanOrEqual(2)
  const reversed = new Library(runbooks.toReversed()).find({ text: 'start restart it service database' }, { most: 4, chars: 100 })
  expect(reversed.map(({ runbook, heading }) => [runbook, heading])).toEqual(found.map(({ runbook, heading }) => [runbook, heading]))
  expect(library.find({ text: '' }, bounds)).toEqual([])
  expect(library.find({ text: 'x'.repeat(1_000_000) }, bounds)).toEqual([])
})

test('law: an excerpt is never longer than asked and begins as the text does', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 2, max: 200 }), (text, chars) => {
      const cut = excerpt(text, chars)
      expect(cut.length).toBeLessThanOrEqual(chars)
      expect(text.startsWith(cut.replace(/ …$/, ''))).toBe(true)
    })
  )
})
