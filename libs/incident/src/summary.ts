// What a human reads who has to take over.
import type { ErrorCode, Escalated } from '@triage/contracts'
import type { Draft } from './draft.ts'
import type { Question } from './question.ts'
import type { IncidentState, PlanRun } from './state.ts'

const why: Record<Escalated['reason'], string> = {
  replans_exhausted: 'Every plan was carried out and the world still disagrees.',
  plan_rejected: 'No valid plan could be made.',
  effect_unknown: 'Nobody can tell whether an action took place; doing it again could do harm.',
  out_of_time: 'The incident was open for too long.',
  observe_only: 'Something should be changed, and in mode observe nothing is.',
  safe_mode: 'Something should be changed, and safe mode is on.',
  approval_denied: 'An operator did not allow what was planned.',
  approval_expired: 'No operator answered in time whether what was planned is allowed.'
}

/** Refusals of an action that no other plan gets round. */
const final: Partial<Record<ErrorCode, Escalated['reason']>> = {
  E_POLICY_OBSERVE: 'observe_only',
  E_POLICY_SAFE_MODE: 'safe_mode',
  E_APPROVAL_EXPIRED: 'approval_expired'
}

/** Why a finished plan is not to be followed by another, or null. */
export function finalRefusal({ tasks }: PlanRun): Escalated['reason'] | null {
  for (const { asked, result } of Object.values(tasks)) {
    if (asked?.answer === 'denied') return 'approval_denied'
    if (asked?.answer === 'expired') return 'approval_expired'
    const reason = result?.error && final[result.error.code as ErrorCode]
    if (reason) return reason
  }
  return null
}

function attempt(run: PlanRun): string {
  const actions = run.plan.tasks.filter((task) => task.assigned_to === 'action-agent')
  const done = actions.map((task) => {
    const { status, result, asked } = run.tasks[task.task_id]!
    const answer = asked?.answer && asked.answer !== 'granted' ? ` (approval ${asked.answer}${asked.reason && `: ${asked.reason}`})` : ''
    return `${task.type} on ${task.target}: ${status}${answer}${result?.error ? ` (${result.error.code}: ${result.error.message})` : ''}`
  })
  const after = run.deviation ? ` Afterwards: ${run.deviation.disagreements.slice(0, 5).join('; ')}.` : ''
  return `Plan ${run.plan.plan_version}: ${run.plan.hypothesis.statement} ${done.join('; ') || 'Nothing was changed.'}.${after}`
}

const answered = ({ answer }: Question): string => (answer === null ? 'Nobody answered.' : `Answered: ${answer.slice(0, 300)}`)

/** The fact that hands the incident to a human: what was reported, what was tried, what to look at. */
export function escalation(state: IncidentState, reason: Escalated['reason']): Draft {
  const refused = state.rejected_plans.flatMap((plan) => plan.errors.map((error) => `${error.code}: ${error.message}`))
  const lines = [
    why[reason],
    `Reported: ${state.report?.text.slice(0, 300) ?? ''}`,
    ...(state.question ? [`Asked: ${state.question.question.slice(0, 300)} ${answered(state.question)}`] : []),
    ...state.plans.map(attempt),
    ...(refused.length > 0 ? [`Plans that were refused: ${refused.slice(0, 5).join('; ')}`] : []),
    `Look at: ${[...new Set(state.plans.flatMap((run) => run.plan.tasks.map((task) => task.target)))].join(', ') || 'every service that the report names'}.`
  ]
  return { type: 'incident.escalated.v1', key: 'end', payload: { reason, summary: lines.join('\n').slice(0, 4000) } }
}
