import { limits, roles, streams, subjectsFor } from '@triage/contracts'
import { expect, test } from 'vitest'
import { find, foldersIn, read, sources } from './files.ts'

const entries = subjectsFor()
const subjects = entries.map(({ subject }) => subject).filter(Boolean)
/** Who may be named in the grammar but is no role: people and tools, and everybody at once. */
const others = ['reporter', 'observer', 'swarm']
/** Said once, heard now or never. */
const fleeting = /^(heartbeat|control)\./

const families = [...new Set(subjects.map((subject) => subject.split('.')[0]))].join('|')
/** A string in the code that starts like a subject and is no message type. */
const literal = new RegExp(`['\`]((?:${families})\\.(?!\\$\\{string\\})[^'\`\\s]*?)['\`]`, 'g')

/** Whether a string of the code, with its holes and wildcards, can be a subject of the grammar. */
function fits(written: string, subject: string): boolean {
  const have = written.replace(/\$\{[^}]*\}/g, '{}').split('.')
  const want = subject.split('.')
  const open = have.at(-1) === '>'
  if (open ? have.length > want.length : have.length !== want.length) return false
  return have.every((token, i) => token === '*' || token === '>' || want[i]!.startsWith('{') || token === want[i])
}

/** Whether a stream's filter keeps a subject of the grammar. */
function keeps(filter: string, subject: string): boolean {
  const [want, have] = [filter.split('.'), subject.split('.')]
  if (want.at(-1) === '>' ? have.length < want.length : have.length !== want.length) return false
  return want.every((token, i) => token === '>' || token === '*' || token === have[i])
}

test('every subject that the sources write out fits the grammar', () => {
  const written = sources.flatMap((path) =>
    [...read(path).matchAll(literal)].map(([, text]) => ({ path, text: text! })).filter(({ text }) => !/\.v\d+$/.test(text))
  )
  expect(written.length).toBeGreaterThan(5)
  expect(written.filter(({ text }) => !subjects.some((subject) => fits(text, subject)))).toEqual([])
})

test('no two subjects of the grammar can be the same', () => {
  for (const [i, a] of subjects.entries())
    for (const b of subjects.slice(i + 1)) expect([a, b, fits(a.replaceAll(/\{\w+\}/g, '*'), b)]).toEqual([a, b, false])
})

test('every role that writes or reads exists, and every role writes and reads something', () => {
  const known = [...roles, ...others]
  const named = entries.flatMap((entry) => [...entry.writes, ...entry.reads]).filter((role) => !role.startsWith('{'))
  expect(named.filter((role) => !known.includes(role))).toEqual([])
  expect(known.filter((role) => !named.includes(role))).toEqual([])
})

test('a role in braces is a word of its subject', () => {
  for (const { subject, writes, reads } of entries)
    for (const role of [...writes, ...reads])
      if (role.startsWith('{')) expect([subject, subject.split('.').includes(role)]).toEqual([subject, true])
})

test('every service is a role, every role but the operator a service, and runs as that role', () => {
  const services = foldersIn('services')
  expect(services).toEqual(roles.filter((role) => role !== 'operator').toSorted())
  for (const service of services) expect(read(`services/${service}/src/main.ts`)).toMatch(new RegExp(`runActor\\(\\s*'${service}'`))
})

test('every durable subject is kept by one stream, what is fleeting by none, and no stream is for nothing', () => {
  for (const subject of subjects) {
    const keepers = Object.entries(streams).filter(([, stream]) => stream.subjects.some((filter) => keeps(filter, subject)))
    expect([subject, keepers.length]).toEqual([subject, fleeting.test(subject) ? 0 : 1])
  }
  for (const [name, stream] of Object.entries(streams))
    for (const filter of stream.subjects)
      expect([name, filter, subjects.some((subject) => keeps(filter, subject))]).toEqual([name, filter, true])
})

test('what was taken is remembered for longer than it can be accepted', () => {
  expect(streams.TAKEN.max_age_ms).toBeGreaterThan(limits.message_ttl_max_ms + 4 * limits.clock_skew_ms)
})

test('the reference lists exactly the subjects and streams', () => {
  const listed = find('docs/reference/subjects.md').flatMap((path) =>
    [...read(path).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  )
  expect(listed).toEqual([...Object.keys(streams), ...subjects])
})
