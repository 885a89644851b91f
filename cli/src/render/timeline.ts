import type { Alert } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { duration, printable, style } from './style.ts'

const list = (words: string[], most = 4): string =>
  words.slice(0, most).join(', ') + (words.length > most ? ` and ${words.length - most} more` : '')

const alertList = (alerts: readonly Alert[]): string =>
  list(
    alerts.map(({ name, service, status }) => `${name}${service ? ` of ${service}` : ''} ${status === 'firing' ? 'fires' : 'is resolved'}`),
    3
  )

/** What a fact says, in a line; null for facts that say nothing to people. */
function sentence(fact: Fact): string | null {
  switch (fact.type) {
    case 'incident.opened.v1':
      return `${style.title('opened')} “${fact.payload.report.text.slice(0, 120)}”`
    case 'incident.report-merged.v1': {
      const { alerts } = fact.payload.report
      return alerts ? `alerts: ${alertList(alerts)}` : 'reported again'
    }
    case 'incident.report-rejected.v1':
      return style.bad(`report rejected: ${fact.payload.error.message} (${fact.payload.error.code})`)
    case 'incident.observed.v1': {
      const { collector, observations } = fact.payload
      const seen = observations.slice(0, 3).map((observation) => `\n             ${style.dim('·')} ${observation.summary}`)
      const more = observations.length > 3 ? `\n             ${style.dim(`· ${observations.length - 3} more`)}` : ''
      return `${style.accent(collector)} ${observations.length === 0 ? 'sees nothing unusual' : `sees${seen.join('')}${more}`}`
    }
    case 'incident.plan-proposed.v1': {
      const { plan, source } = fact.payload
      return `${style.accent(source)} proposes plan ${plan.plan_version}: ${plan.hypothesis.statement} ${style.dim(`(confidence ${plan.hypothesis.confidence.toFixed(2)})`)}`
    }
    case 'incident.plan-accepted.v1':
      return `plan ${fact.payload.plan_version} accepted`
    case 'incident.plan-rejected.v1':
      return style.bad(
        `plan ${fact.payload.plan_version} rejected: ${fact.payload.errors.map((error) => `${error.code} ${error.message}`).join('; ')}`
      )
    case 'incident.tasks-dispatched.v1':
      return `dispatched ${list(fact.payload.tasks.map((task) => task.task_id + (task.attempt > 1 ? ` (attempt ${task.attempt})` : '')))}`
    case 'incident.task-finished.v1': {
      const { status, task_id, summary, started_at, finished_at } = fact.payload
      const sign = status === 'succeeded' ? style.good('✓') : style.bad('✗')
      return `${sign} ${task_id}: ${summary} ${style.dim(duration(Date.parse(finished_at) - Date.parse(started_at)))}`
    }
    case 'incident.approval-requested.v1': {
      const { task, approval_id, why } = fact.payload
      return style.warn(`${task.task_id} waits for a human: ${task.type} on ${task.target}; ${why} (npx triage approve ${approval_id})`)
    }
    case 'incident.approval-granted.v1':
      return `${fact.payload.task_id} was allowed by an operator`
    case 'incident.approval-denied.v1':
      return style.bad(`${fact.payload.task_id} was not allowed by an operator: ${fact.payload.reason}`)
    case 'incident.approval-lapsed.v1':
      return `${fact.payload.task_id} is not needed any more: all was well for ${duration(fact.payload.window_ms)}`
    case 'incident.approval-changed.v1': {
      const { plan, task_id } = fact.payload
      const task = plan.tasks.find((candidate) => candidate.task_id === task_id)
      return style.warn(`an operator wants another plan: ${task_id} is to be ${task?.type} on ${task?.target}`)
    }
    case 'incident.question-asked.v1':
      return style.warn(`a human is asked: ${fact.payload.question} (npx triage answer ${fact.incident_id} "…")`)
    case 'incident.question-answered.v1':
      return `an operator answers: “${fact.payload.answer.slice(0, 200)}”`
    case 'incident.task-abandoned.v1':
      return style.warn(`${fact.payload.task_id} attempt ${fact.payload.attempt} given up: ${fact.payload.reason.replace('_', ' ')}`)
    case 'incident.plan-finished.v1':
      return `plan ${fact.payload.plan_version} ${fact.payload.outcome === 'completed' ? 'completed' : style.warn(`failed at ${list(fact.payload.failed_tasks)}`)}; the monitor looks at the world`
    case 'incident.deviation-detected.v1':
      return style.warn(`the world disagrees: ${list(fact.payload.disagreements, 3)}`)
    case 'incident.replan-requested.v1':
      return style.warn(`replan ${fact.payload.round}: ${fact.payload.reason.replace('_', ' ')}`)
    case 'incident.recovered.v1':
      return `${style.good(style.title('recovered'))} ${fact.payload.summary}`
    case 'incident.escalated.v1':
      return style.bad(`escalated: ${fact.payload.summary.replaceAll('\n', '\n             ')}`)
    case 'incident.cancelled.v1':
      return `closed: ${fact.payload.summary}`
  }
}

/** A fact as a line of the live timeline, with the seconds since `start`. */
export function timelineLine(fact: Fact, start: number): string | null {
  const text = sentence(fact)
  return text && printable(`${style.dim(`${((fact.at - start) / 1000).toFixed(2).padStart(8)} s`)}  ${text}`)
}
