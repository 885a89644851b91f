import type { KeyObject } from 'node:crypto'
import { type SafeModeStatement, type SignedStatement, TriageError } from '@triage/contracts'
import type { OperatorKeys } from './operator-key.ts'
import { openStatement, signStatement } from './sign.ts'

/**
 * Turns the switch. A statement names the one before it, so that it holds at one place of the stream only: an old `off` that
 * is said again does not hold.
 * @param last sequence number of the last switch; 0: there was none
 */
export const nextSwitch = (safe_mode: SafeModeStatement['safe_mode'], last: number, at: string, key: KeyObject): SignedStatement =>
  signStatement('safe_mode', { safe_mode, after: last, at }, key)

/**
 * What the last switch says.
 * @param seq its sequence number
 * @throws TriageError E_APPROVAL_INVALID when it does not hold: then nobody may change anything
 */
export function readSafeMode(signed: SignedStatement, seq: number, keys: OperatorKeys): SafeModeStatement {
  const statement = openStatement('safe_mode', signed, keys)
  if (statement.after !== seq - 1)
    throw new TriageError('E_APPROVAL_INVALID', `the switch ${seq} was signed to follow ${statement.after}: it is said again`)
  return statement
}
