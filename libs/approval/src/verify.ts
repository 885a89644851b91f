import { type ApprovalStatement, type SignedStatement, TriageError } from '@triage/contracts'
import type { OperatorKeys } from './operator-key.ts'
import { openStatement } from './sign.ts'
import { type Covered, statementOf } from './statement.ts'

/**
 * The approval that covers exactly this action, now. It can serve once only, because what it covers can: an effect has one
 * idempotency key, made of incident, plan version and task.
 * @param fence of the command that wants to act
 * @param now milliseconds since the epoch
 * @throws TriageError E_APPROVAL_INVALID, E_APPROVAL_EXPIRED
 */
export function verifyApproval(
  signed: SignedStatement,
  covered: Covered,
  fence: number,
  now: number,
  keys: OperatorKeys
): ApprovalStatement {
  const statement = openStatement('approval', signed, keys)
  const wanted = statementOf(covered, statement.fence, statement.expires_at)
  for (const field of Object.keys(wanted) as (keyof ApprovalStatement)[]) {
    if (statement[field] !== wanted[field])
      throw new TriageError('E_APPROVAL_INVALID', `it allows ${field} ${statement[field]}; this is ${wanted[field]}`)
  }
  if (fence < statement.fence)
    throw new TriageError('E_APPROVAL_INVALID', `it was given under fence ${statement.fence}, the command is older: ${fence}`)
  if (now >= Date.parse(statement.expires_at)) throw new TriageError('E_APPROVAL_EXPIRED', `it expired at ${statement.expires_at}`)
  return statement
}
