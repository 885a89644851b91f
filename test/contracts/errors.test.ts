import { errors } from '@triage/contracts'
import { expect, test } from 'vitest'
import { read, sources } from './files.ts'

const codes = Object.keys(errors)
const used = new Map(sources.flatMap((path) => [...read(path).matchAll(/'(E_[A-Z0-9_]+)'/g)].map(([, code]) => [code!, path])))

test('every code that the sources use is in the catalogue', () => {
  expect([...used].filter(([code]) => !codes.includes(code))).toEqual([])
})

test('every code of the catalogue is used', () => {
  expect(codes.filter((code) => !used.has(code))).toEqual([])
})

test('every code says what happened and what to do', () => {
  for (const [code, { title, help }] of Object.entries(errors)) {
    expect(code).toMatch(/^E_[A-Z0-9]+(_[A-Z0-9]+)*$/)
    expect([code, title.length > 0, help.endsWith('.')]).toEqual([code, true, true])
  }
})

test('the reference lists exactly the codes of the catalogue, in its order', () => {
  const listed = [...read('docs/reference/errors.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  expect(listed).toEqual(codes)
})
