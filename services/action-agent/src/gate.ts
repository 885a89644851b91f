// Stands before every effect: nothing is done that the policies do not permit, whatever plan or scheduler said.
//
// Invariants
// 1. The decision is made on the world as it is now: the target, its probes, the ledger, the safe-mode switch.
// 2. An approval counts only if an operator's signature covers exactly this action of this plan.
// 3. When anything cannot be read or decided, nothing is done.
import type { Actor } from '@triage/actor'
import { type OperatorKeys, statementOf, verifyApproval } from '@triage/approval'
import { type ActionType, type ApprovalRequested, type ErrorCode, type TaskRequest, TriageError } from '@triage/contracts'
import type { Decision, PolicyEngine } from '@triage/policy'
import type { Workload } from '@triage/runtime'
import { circumstances, type Setting } from './circumstances.ts'
import type { Follows, Ledger } from './ledger.ts'
import { safeModeNow } from './safe-mode.ts'

/** The command that an effect is wanted by. */
export interface Command extends Follows {
  /** Fencing token of the scheduler that gave it. */
  fence: number
}

/** On whose word an effect may be done. */
interface Permit {
  policies: string[]
  approval_id?: string
}

export interface GateParts {
  engine: PolicyEngine
  keys: OperatorKeys
  setting: Setting
  /** How long a human may take to answer, in milliseconds. */
  approvalMs: number
}

export class Gate {
  readonly #actor: Actor
  readonly #ledger: Ledger
  readonly #parts: GateParts

  constructor(actor: Actor, ledger: Ledger, parts: GateParts) {
    this.#actor = actor
    this.#ledger = ledger
    this.#parts = parts
  }

  /**
   * The permit for an effect; or the decision that a human has to allow it first.
   * Throws E_POLICY_DENIED, E_POLICY_OBSERVE, E_POLICY_SAFE_MODE, E_APPROVAL_INVALID or E_APPROVAL_EXPIRED.
   */
  async pass(request: TaskRequest, workload: Workload, command: Command): Promise<Permit | Decision> {
    const { keys } = this.#parts
    const approval = request.approval && verifyApproval(request.approval, request, command.fence, Date.now(), keys)
    const decision = await this.#decide(request, workload, approval !== undefined)
    const { incident_id, task } = request
    this.#actor.log.info({ incident_id, task: task.task_id, action: task.type, target: task.target, ...decision }, 'policies were asked')
    if (decision.verdict !== 'permit') return decision
    return { policies: decision.policies, ...(approval && { approval_id: approval.approval_id }) }
  }

  /** Puts on record that a human has to allow it. Saying it again changes nothing. */
  async ask(request: TaskRequest, { policies, why }: Decision, { fence, ...follows }: Command): Promise<void> {
    const { incident_id, plan_id, plan_version, task } = request
    const expires_at = new Date(Date.now() + this.#parts.approvalMs).toISOString()
    const { approval_id } = statementOf(request, fence, expires_at)
    const payload: ApprovalRequested = { approval_id, plan_version, task_id: task.task_id, plan_id, task, fence, why, policies, expires_at }
    const draft = { type: 'incident.approval-requested.v1' as const, key: `${plan_version}:${task.task_id}`, plan_version, payload }
    await this.#actor.outbox.fact(incident_id, draft, follows)
  }

  async #decide(request: TaskRequest, workload: Workload, approved: boolean): Promise<Decision> {
    const { engine, keys, setting } = this.#parts
    const { task } = request
    const [safeMode, world] = await Promise.all([
      safeModeNow(this.#actor, keys),
      circumstances(request, workload, this.#ledger, Date.now())
    ])
    const decision = engine.decide({
      agent: this.#actor.role,
      action: task.type as ActionType,
      target: workload,
      context: { ...world, ...setting, safe_mode: safeMode.on, approved }
    })
    if (decision.verdict !== 'forbid') return decision
    const code: ErrorCode = setting.mode === 'observe' ? 'E_POLICY_OBSERVE' : safeMode.on ? 'E_POLICY_SAFE_MODE' : 'E_POLICY_DENIED'
    const by = decision.policies.length > 0 ? ` (${decision.policies.join(', ')})` : ''
    throw new TriageError(code, `${task.type} on ${task.target}: ${safeMode.on ? safeMode.why : decision.why}${by}`)
  }
}
