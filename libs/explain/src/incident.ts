// The story of an incident from its facts: what happened, why, what was done, what to do next. A model may word it better; it may not
// know more than this.
import type { Escalated, Observation } from '@triage/contracts'
import { clarifyingTask, firing, type IncidentState, openQuestion, type PlanRun, type Question, type TaskRun } from '@triage/incident'
import { redact } from '@triage/redact'

/** Evidence sentences for each plan, and the longest of any text from the world. */
const sentences = 5
const chars = 300

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`
/** A text from the world in one line. */
const said = (text: string): string => {
  const line = redact(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
  return line.length > chars ? `${line.slice(0, chars - 1)}…` : line
}
const list = (items: readonly string[]): string[] => items.map((item) => `- ${item}`)
const section = (heading: string, lines: readonly string[]): string => [heading, ...lines.map((line) => `  ${line}`)].join('\n')

function asked({ question, answer, closed }: Question): string {
  const came = closed ? 'Nobody answered in time.' : 'Nobody has answered yet.'
  return `A human was asked: "${said(question)}" ${answer === null ? came : `The answer: "${said(answer)}"`}`
}

function happened({ report, openedAt, merged, alerts, question }: IncidentState): string[] {
  const told = Object.values(alerts)
  return [
    `${time(openedAt)}: it was reported: "${said(report?.text ?? '')}"`,
    ...(merged > 0 ? [`People said the same ${merged} more time${merged > 1 ? 's' : ''}.`] : []),
    ...(told.length > 0 ? [`${told.length} alert${told.length > 1 ? 's' : ''} came with it; ${firing(alerts).length} still fire.`] : []),
    ...(question ? [asked(question)] : [])
  ]
}

function why({ plans, observed }: IncidentState): string[] {
  const last = plans.at(-1)
  if (!last) return ['Nobody has an explanation yet.']
  const { cause, service, confidence, evidence, statement } = last.plan.hypothesis
  const byId = new Map<string, Observation>(observed.flatMap((entry) => entry.observations).map((one) => [one.observation_id, one]))
  for (const task of plans.flatMap(({ tasks }) => Object.values(tasks)))
    for (const one of task.result?.observations ?? []) byId.set(one.observation_id, one)
  const found = evidence.flatMap((id) => byId.get(id) ?? [])
  const more = found.length > sentences ? [`- and ${found.length - sentences} more`] : []
  return [
    `${cause}${service ? ` at ${service}` : ''} (confidence ${confidence}, by ${last.source}): ${said(statement)}`,
    ...(found.length > 0 ? ['What speaks for it:', ...list(found.slice(0, sentences).map(({ summary }) => said(summary))), ...more] : []),
    ...(found.length === 0 ? ['No evidence was named for it.'] : [])
  ]
}

const outcomes: Record<TaskRun['status'], string> = {
  waiting: 'was not carried out',
  dispatched: 'is under way',
  awaiting_approval: 'waits for a human',
  succeeded: 'was carried out',
  failed: 'failed',
  unknown: 'nobody can tell whether it was carried out'
}

function carriedOut({ plan, tasks, finished, deviation, acceptedAt }: PlanRun): string[] {
  const actions = plan.tasks.filter(({ assigned_to }) => assigned_to === 'action-agent')
  const lines = actions.map(({ task_id, type, target }) => {
    const { status, result, asked } = tasks[task_id]!
    const error = result?.error ? ` (${result.error.code}: ${said(result.error.message)})` : ''
    const answer = asked?.answer ? ` (approval ${asked.answer}${asked.reason ? `: ${said(asked.reason)}` : ''})` : ''
    return `${type} on ${target}: ${outcomes[status]}${answer}${error}`
  })
  const nothing = clarifyingTask(plan) ? 'it asked a human; nothing was changed' : 'it only looked; nothing was changed'
  const took = finished ? `, in ${seconds(finished.at - acceptedAt)}` : ''
  return [
    `Plan ${plan.plan_version}${took}: ${said(plan.root_goal)}`,
    ...list(lines.length > 0 ? lines : [nothing]),
    ...(deviation ? [`Afterwards the world still disagreed: ${deviation.disagreements.slice(0, 3).map(said).join('; ')}`] : [])
  ]
}

function done({ plans, rejected_plans }: IncidentState): string[] {
  const refused = rejected_plans.flatMap(({ errors }) => errors.map(({ code }) => code))
  return [
    ...(plans.length > 0 ? plans.flatMap(carriedOut) : ['Nothing.']),
    ...(refused.length > 0 ? [`${rejected_plans.length} plans were refused: ${[...new Set(refused)].sort().join(', ')}`] : [])
  ]
}

const afterEscalation: Record<Escalated['reason'], string> = {
  replans_exhausted: 'Every plan was tried. Look at what still disagrees, and repair it by hand.',
  plan_rejected: 'No plan was valid. Read why each was refused, and repair it by hand.',
  effect_unknown: 'Look at the target of the action that nobody can tell of, before anything is done again.',
  out_of_time: 'It took too long. See what is under way, then repair it by hand.',
  observe_only: 'Do what was planned by hand, or start the swarm with --mode approve.',
  safe_mode: 'Run `triage safe-mode off` when changes are safe again, and report it again.',
  approval_denied: 'A human did not want this plan. Repair it otherwise, and say how in a runbook.',
  approval_expired: 'Nobody answered in time. Report it again and run `triage approvals`.'
}

function nextSteps(state: IncidentState): string[] {
  const { end, plans, observed } = state
  const last = plans.at(-1)
  if (end?.kind === 'recovered') {
    const acted = last?.plan.tasks.some(({ assigned_to }) => assigned_to === 'action-agent')
    const target = last?.plan.hypothesis.service
    return acted && target
      ? [`It works again. Find out why it happened: look at ${target} before ${time(last.acceptedAt)}.`]
      : ['Nothing: it works.']
  }
  if (end?.kind === 'cancelled') return ['Nothing: nothing was wrong for as long as it was watched.']
  if (end) return [afterEscalation[end.reason as Escalated['reason']] ?? said(end.summary)]
  if (openQuestion(state)) return ['Answer: run `triage questions`.']
  const asked = Object.values(last?.tasks ?? {}).filter(({ status }) => status === 'awaiting_approval')
  if (asked.length > 0) return ['Decide: run `triage approvals`.']
  if (observed.length === 0) return ['Wait: the collectors have not said yet what they see.']
  return [last && !last.finished ? 'Wait: a plan is being carried out.' : 'Wait: the next step is being decided.']
}

/** What there is to tell of an incident, in lines; what was read from the world is redacted. */
export interface Story {
  title: string
  happened: readonly string[]
  why: readonly string[]
  done: readonly string[]
  next: readonly string[]
}

export function storyOf(state: IncidentState): Story {
  const ended = state.end ? `, ${state.end.kind} after ${seconds(state.end.at - state.openedAt)}` : ', still open'
  return {
    title: `Incident ${state.id}${ended}`,
    happened: happened(state),
    why: why(state),
    done: done(state),
    next: nextSteps(state)
  }
}

/** For people, in plain text. */
export const storyText = ({ title, happened, why, done, next }: Story): string =>
  [title, section('What happened', happened), section('Why', why), section('What was done', done), section('What to do next', next)].join(
    '\n\n'
  )

/** The same facts give the same text. */
export const explainIncident = (state: IncidentState): string => storyText(storyOf(state))
