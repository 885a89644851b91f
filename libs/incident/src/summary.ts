// What a human reads who has to take over.
import type { Escalated } from '@triage/contracts'
import type { Draft } from './draft.ts'
import type { IncidentState, PlanRun } from './state.ts'

const why: Record<Escalated['reason'], string> = {
  replans_exhausted: 'Every plan was carried out and the world still disagrees.',
  plan_rejected: 'No valid plan could be made.',
  effect_unknown: 'Nobody can tell whether an action took place; doing it again could do harm.',
  out_of_time: 'The incident was open for too long.'
}

function attempt(run: PlanRun): string {
  const actions = run.plan.tasks.filter((task) => task.assigned_to === 'action-agent')
  const done = actions.map((task) => {
    const { status, result } = run.tasks[task.task_id]!
    return `${task.type} on ${task.target}: ${status}${result?.error ? ` (${result.error.code}: ${result.error.message})` : ''}`
  })
  const after = run.deviation ? ` Afterwards: ${run.deviation.disagreements.slice(0, 5).join('; ')}.` : ''
  return `Plan ${run.plan.plan_version}: ${run.plan.hypothesis.statement} ${done.join('; ') || 'Nothing was changed.'}.${after}`
}

/** The fact that hands the incident to a human: what was reported, what was tried, what to look at. */
export function escalation(state: IncidentState, reason: Escalated['reason']): Draft {
  const refused = state.rejected_plans.flatMap((plan) => plan.errors.map((error) => `${error.code}: ${error.message}`))
  const lines = [
    why[reason],
    `Reported: ${state.report?.text.slice(0, 300) ?? ''}`,
    ...state.plans.map(attempt),
    ...(refused.length > 0 ? [`Plans that were refused: ${refused.slice(0, 5).join('; ')}`] : []),
    `Look at: ${[...new Set(state.plans.flatMap((run) => run.plan.tasks.map((task) => task.target)))].join(', ') || 'every service that the report names'}.`
  ]
  return { type: 'incident.escalated.v1', key: 'end', payload: { reason, summary: lines.join('\n').slice(0, 4000) } }
}
