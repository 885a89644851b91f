import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createOperatorKey,
  nextSwitch,
  openOperatorKey,
  openOperatorKeys,
  readSafeMode,
  signStatement,
  statementOf,
  verifyApproval
} from './approval.ts'
import { keyIdOf } from './operator-key.ts'

const now = Date.parse('2026-01-01T12:00:00.000Z')
const expires_at = '2026-01-01T12:30:00.000Z'
const fence = 7
const { privateKey: key, publicKey } = generateKeyPairSync('ed25519')
const keysOf = (one: KeyObject) => new Map([[keyIdOf(one), one]])
const trusted = keysOf(publicKey)
const others = keysOf(generateKeyPairSync('ed25519').publicKey)

const covered = {
  incident_id: 'inc-20260101-1',
  plan_id: 'plan-0123456789abcdef',
  plan_version: 1,
  task: { task_id: 'restart', type: 'service.restart', target: 'orders', args: { a: 1, b: 2 } }
}
const signed = signStatement('approval', statementOf(covered, fence, expires_at), key)
const code = (value: string) => expect.objectContaining({ code: value })

test('what was signed holds for exactly the action that it covers', () => {
  expect(verifyApproval(signed, covered, fence, now, trusted)).toMatchObject({ action: 'service.restart', target: 'orders' })
  const sameArgs = { ...covered, task: { ...covered.task, args: { b: 2, a: 1 } } }
  expect(verifyApproval(signed, sameArgs, fence + 1, now, trusted).approval_id).toMatch(/^apr-[0-9a-f]{16}$/)
})

test.each([
  ['another action', { ...covered, task: { ...covered.task, type: 'workload.stop' } }],
  ['another target', { ...covered, task: { ...covered.task, target: 'postgres' } }],
  ['other arguments', { ...covered, task: { ...covered.task, args: { a: 1, b: 3 } } }],
  ['another task', { ...covered, task: { ...covered.task, task_id: 'again' } }],
  ['another plan', { ...covered, plan_id: 'plan-fedcba9876543210' }],
  ['another plan version', { ...covered, plan_version: 2 }],
  ['another incident', { ...covered, incident_id: 'inc-20260101-2' }]
])('it cannot be moved to %s', (_, other) => {
  expect(() => verifyApproval(signed, other, fence, now, trusted)).toThrow(code('E_APPROVAL_INVALID'))
  expect(statementOf(other, fence, expires_at).approval_id).not.toBe(statementOf(covered, fence, expires_at).approval_id)
})

test('it expires, and does not cover a command from before it was asked for', () => {
  expect(() => verifyApproval(signed, covered, fence, Date.parse(expires_at), trusted)).toThrow(code('E_APPROVAL_EXPIRED'))
  expect(() => verifyApproval(signed, covered, fence - 1, now, trusted)).toThrow(code('E_APPROVAL_INVALID'))
})

test('a signature by nobody known, of other bytes, or of another kind of statement does not hold', () => {
  const refused = (other: typeof signed, known = trusted) =>
    expect(() => verifyApproval(other, covered, fence, now, known)).toThrow(code('E_APPROVAL_INVALID'))
  refused(signed, others)
  refused({ ...signed, statement: signed.statement.replace('12:30', '23:30') })
  refused({ ...signed, signature: `${signed.signature.startsWith('A') ? 'B' : 'A'}${signed.signature.slice(1)}` })
  refused(signStatement('safe_mode', statementOf(covered, fence, expires_at) as never, key))
  refused(signStatement('approval', { ...statementOf(covered, fence, expires_at), more: true } as never, key))
})

test('the safe-mode switch holds where it was signed for, and not when it is said again', () => {
  const off = nextSwitch('off', 4, '2026-01-01T12:00:00.000Z', key)
  expect(readSafeMode(off, 5, trusted).safe_mode).toBe('off')
  expect(() => readSafeMode(off, 7, trusted)).toThrow(code('E_APPROVAL_INVALID'))
  expect(() => readSafeMode(off, 5, others)).toThrow(code('E_APPROVAL_INVALID'))
})

test('the key files are made once, the private one for its owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-operator-'))
  const [secret, open] = [join(folder, 'operator.key'), join(folder, 'operator.pub')]
  try {
    createOperatorKey(secret, open)
    const first = openOperatorKey(secret)
    createOperatorKey(secret, open)
    expect(openOperatorKey(secret).equals(first)).toBe(true)
    expect(statSync(secret).mode & 0o777).toBe(0o600)
    expect([...openOperatorKeys(open).keys()]).toEqual([keyIdOf(first)])
    chmodSync(secret, 0o644)
    expect(() => openOperatorKey(secret)).toThrow(code('E_KEYS_MODE'))
    writeFileSync(open, 'nonsense')
    expect(() => openOperatorKeys(open)).toThrow(code('E_KEYS_INVALID'))
    expect(() => openOperatorKeys(join(folder, 'absent'))).toThrow(code('E_KEYS_INVALID'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
