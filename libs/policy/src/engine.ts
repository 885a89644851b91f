// Decides by asking Cedar. Whether a human could allow what is forbidden is asked of Cedar too: the same question again, approved.
//
// Invariants
// 1. What no policy permits is forbidden; so is what Cedar cannot decide, and what a policy failed to judge.
// 2. In mode observe and in safe mode only reading is permitted, whatever the policies say.
import { TriageError } from '@triage/contracts'
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from './cedar.ts'
import type { Decision, Question } from './question.ts'
import { schema } from './schema.ts'

/** One policy as it is written. */
export interface Policy {
  id: string
  text: string
  /** What it says of itself: `@why("…")`. */
  why: string
}

interface Answer {
  permitted: boolean
  policies: string[]
  /** Why Cedar could not decide. */
  trouble: string | null
}

let engines = 0

export class PolicyEngine {
  readonly #name = `policies-${++engines}`
  readonly #why: ReadonlyMap<string, string>

  /** Throws E_POLICY_INVALID when Cedar does not take them. */
  constructor(policies: readonly Policy[]) {
    this.#why = new Map(policies.map(({ id, why }) => [id, why]))
    const texts = Object.fromEntries(policies.map(({ id, text }) => [id, text]))
    for (const parsed of [preparseSchema('triage', schema), preparsePolicySet(this.#name, { staticPolicies: texts })])
      if (parsed.type === 'failure') throw new TriageError('E_POLICY_INVALID', parsed.errors[0]?.message ?? 'the policies cannot be parsed')
  }

  /** How many policies there are. */
  get size(): number {
    return this.#why.size
  }

  decide(question: Question): Decision {
    const { context } = question
    const first = this.#ask(question)
    const changes = context.risk !== 'read'
    if (first.permitted && changes && (context.mode === 'observe' || context.safe_mode))
      return { verdict: 'forbid', policies: [], why: `nothing is changed ${context.safe_mode ? 'in safe mode' : 'in mode observe'}` }
    if (first.permitted || first.trouble) return this.#decision(first.permitted ? 'permit' : 'forbid', first)
    const approved = context.approved ? first : this.#ask({ ...question, context: { ...context, approved: true } })
    if (!approved.permitted) return this.#decision('forbid', first)
    return this.#decision('needs_approval', first.policies.length > 0 ? first : approved)
  }

  #decision(verdict: Decision['verdict'], { policies, trouble }: Answer): Decision {
    const reasons = policies.map((id) => this.#why.get(id)).join('; ')
    return { verdict, policies, why: trouble ?? (reasons || 'no policy permits it') }
  }

  #ask({ agent, action, target, context }: Question): Answer {
    const resource = { type: 'Workload', id: target.name }
    const answer = statefulIsAuthorized({
      principal: { type: 'Agent', id: agent },
      action: { type: 'Action', id: action },
      resource,
      context: { ...context },
      entities: [{ uid: resource, attrs: { kind: target.kind, managed: target.managed }, parents: [] }],
      preparsedSchemaName: 'triage',
      preparsedPolicySetId: this.#name,
      validateRequest: true
    })
    if (answer.type === 'failure')
      return { permitted: false, policies: [], trouble: answer.errors.map(({ message }) => message).join('; ') }
    const { decision, diagnostics } = answer.response
    const [failed] = diagnostics.errors
    return {
      permitted: decision === 'allow' && !failed,
      policies: diagnostics.reason.toSorted(),
      trouble: failed ? `${failed.policyId} could not be judged: ${failed.error.message}` : null
    }
  }
}
