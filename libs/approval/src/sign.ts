import { Buffer } from 'node:buffer'
import { type KeyObject, sign, verify } from 'node:crypto'
import { type ApprovalStatement, checkSchema, type SafeModeStatement, type SignedStatement, TriageError } from '@triage/contracts'
import { preAuthenticationEncoding } from '@triage/envelope'
import { keyIdOf, type OperatorKeys } from './operator-key.ts'

interface Statements {
  approval: ApprovalStatement
  safe_mode: SafeModeStatement
}

/** Part of what is signed, so that a statement of one kind is never taken for one of another. */
const contentTypes: Record<keyof Statements, string> = {
  approval: 'application/vnd.triage.approval.v1+json',
  safe_mode: 'application/vnd.triage.safe-mode.v1+json'
}
const schemas = { approval: 'approval__statement', safe_mode: 'approval__safe_mode' } as const

const signedBytes = (kind: keyof Statements, text: string): Buffer =>
  preAuthenticationEncoding(contentTypes[kind], Buffer.from(text, 'utf8'))

/** @param key the operator's private Ed25519 key */
export function signStatement<K extends keyof Statements>(kind: K, statement: Statements[K], key: KeyObject): SignedStatement {
  const text = JSON.stringify(statement)
  return { statement: text, signature: sign(null, signedBytes(kind, text), key).toString('base64'), key_id: keyIdOf(key) }
}

/** What was signed. The signature is checked before anything is parsed. Throws E_APPROVAL_INVALID. */
export function openStatement<K extends keyof Statements>(kind: K, signed: SignedStatement, keys: OperatorKeys): Statements[K] {
  const key = keys.get(signed.key_id)
  if (!key) throw new TriageError('E_APPROVAL_INVALID', `the key ${signed.key_id} is no operator's`)
  if (!verify(null, signedBytes(kind, signed.statement), key, Buffer.from(signed.signature, 'base64')))
    throw new TriageError('E_APPROVAL_INVALID', "the operator's signature does not hold")
  const statement = parse(signed.statement)
  const wrong = checkSchema(schemas[kind], statement)
  if (wrong) throw new TriageError('E_APPROVAL_INVALID', `the statement does not fit: ${wrong}`)
  return statement as Statements[K]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TriageError('E_APPROVAL_INVALID', 'the statement is not JSON', { cause: error })
  }
}
