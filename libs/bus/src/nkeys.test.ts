import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import type { TriageError } from '@triage/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { users } from './layout.ts'
import { Nkey } from './nkey.ts'
import { createNkeys, readNkey, seedPath } from './nkeys.ts'

let folder: string
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'triage-nkeys-')), 'nkeys')
})
afterAll(async () => rm(join(folder, '..'), { recursive: true, force: true }))
const thrown = (act: () => unknown): TriageError => {
  try {
    act()
  } catch (error) {
    return error as TriageError
  }
  throw new Error('nothing was thrown')
}

test('every user gets a key once, for its owner alone', () => {
  const keys = createNkeys(folder)
  expect(new Set(Object.values(keys)).size).toBe(users.length)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  for (const user of users) expect(statSync(seedPath(folder, user)).mode & 0o777).toBe(0o600)
  expect(createNkeys(folder)).toEqual(keys)
  expect(readNkey(seedPath(folder, 'planner')).publicKey).toBe(keys.planner)
})

test('a seed that others may read, that is none, or not that of a user is refused, and never quoted', () => {
  createNkeys(folder)
  const path = seedPath(folder, 'planner')
  const seed = readFileSync(path, 'utf8').trim()
  chmodSync(path, 0o644)
  expect(thrown(() => readNkey(path)).code).toBe('E_KEYS_MODE')
  expect(thrown(() => createNkeys(folder)).code).toBe('E_KEYS_MODE')
  chmodSync(path, 0o600)
  const account = Buffer.from(nkeys.createAccount().getSeed()).toString()
  for (const text of ['', 'SU', seed.slice(0, -1), seed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), account]) {
    writeFileSync(path, text)
    const error = thrown(() => readNkey(path))
    expect(error.code).toBe('E_KEYS_INVALID')
    expect(`${error.message} ${error.stack}`).not.toContain(text.slice(0, 20) || 'nothing')
  }
  expect(thrown(() => readNkey(join(folder, 'nobody.nk'))).code).toBe('E_KEYS_INVALID')
})

test('law: seeds, public keys and signatures are those of the NATS library', () => {
  for (let n = 0; n < 50; n++) {
    const seed = Nkey.seed()
    const theirs = nkeys.fromSeed(Buffer.from(seed))
    const ours = Nkey.parse(seed)!
    expect(ours.publicKey).toBe(theirs.getPublicKey())
    expect(ours.sign('nonce')).toBe(Buffer.from(theirs.sign(Buffer.from('nonce'))).toString('base64'))
    const made = nkeys.createUser()
    expect(Nkey.parse(Buffer.from(made.getSeed()).toString())!.publicKey).toBe(made.getPublicKey())
  }
})

test('law: no seed with another letter anywhere is a seed', () => {
  const seed = Nkey.seed()
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(seed.length - 1), fc.constant(seed.length - 1)),
      fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567a019=. '),
      (at, letter) => {
        fc.pre(seed[at] !== letter)
        expect(Nkey.parse(seed.slice(0, at) + letter + seed.slice(at + 1))).toBeNull()
      }
    )
  )
})
