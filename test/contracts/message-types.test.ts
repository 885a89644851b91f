import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readJson } from './files.ts'

interface Grammar {
  subjects: { subject: string; types: string[] }[]
  replies: { types: string[] }[]
  types: Record<string, string>
}
type Definitions = Record<string, unknown>

const grammar = readJson<Grammar>('contracts/subjects.json')
const placed = [...grammar.subjects, ...grammar.replies].flatMap(({ types }) => types)

test('every message type has a schema', () => {
  for (const [type, ref] of Object.entries(grammar.types)) {
    const [file, pointer] = ref.split('#/$defs/')
    const schema = readJson<{ $defs?: Definitions }>(`contracts/schemas/${file}`)
    expect([type, pointer === undefined || schema.$defs?.[pointer] !== undefined]).toEqual([type, true])
  }
})

test('every message type has its subject, one only, and every subject names types that exist', () => {
  expect(placed.toSorted()).toEqual(Object.keys(grammar.types).sort())
})

test('a fact and its subject have one name', () => {
  for (const { subject, types } of grammar.subjects.filter(({ subject }) => subject.startsWith('incident.{'))) {
    expect(types).toEqual([`incident.${subject.split('.')[2]}.v1`])
  }
})

test('every definition of the facts is the payload of a type or part of one', () => {
  const facts = readJson<{ $defs: Definitions }>('contracts/schemas/facts.schema.json').$defs
  const used = new Set<string>()
  const use = (name: string): void => {
    if (used.has(name)) return
    used.add(name)
    for (const [, inner] of JSON.stringify(facts[name]).matchAll(/"#\/\$defs\/(\w+)"/g)) use(inner!)
  }
  for (const ref of Object.values(grammar.types)) if (ref.startsWith('facts.schema.json#/$defs/')) use(ref.split('/').at(-1)!)
  expect([...used].sort()).toEqual(Object.keys(facts).sort())
})

test('generated types, validators and reference pages are up to date', async () => {
  const generate = join(import.meta.dirname, '../../contracts/src/generate.ts')
  await expect(promisify(execFile)(process.execPath, [generate, '--check'])).resolves.toMatchObject({ stderr: '' })
})
