// What a human is asked in the place of a plan's tasks, and what may come of it. An incident asks once; what it is told is data.
import type { ClarifyingTask, Plan, QuestionAnswered, QuestionAsked } from '@triage/contracts'
import type { Draft } from './draft.ts'
import { currentPlan, type IncidentState } from './state.ts'

/** What was asked, and what came of it. */
export interface Question {
  plan_version: number
  task_id: string
  question: string
  /** When it was asked, and until when it is waited for, milliseconds since the epoch. */
  at: number
  expiresAt: number
  /** Null: nobody has answered. */
  answer: string | null
  /** Somebody has answered, or nobody waits any more. */
  closed: boolean
}

/** What a plan wants to know; null for a plan that does something. */
export const clarifyingTask = ({ clarifying_tasks }: Plan): ClarifyingTask | null => clarifying_tasks?.[0] ?? null

/** The question that the incident waits for now. */
export function openQuestion(state: IncidentState): Question | null {
  const { question, end } = state
  return question && !question.closed && !end && question.plan_version === currentPlan(state)?.plan.plan_version ? question : null
}

/** The fact that asks a human, who has until `expiresAt`. */
export const questionOf = ({ plan_version }: Plan, { task_id, question }: ClarifyingTask, expiresAt: number): Draft => ({
  type: 'incident.question-asked.v1',
  key: `${plan_version}`,
  plan_version,
  payload: { plan_version, task_id, question, expires_at: new Date(expiresAt).toISOString() }
})

export function ask(state: IncidentState, { expires_at, ...fact }: QuestionAsked, at: number): IncidentState {
  if (state.question || fact.plan_version !== currentPlan(state)?.plan.plan_version) return state
  return { ...state, question: { ...fact, at, expiresAt: Date.parse(expires_at), answer: null, closed: false } }
}

/** Nobody waits any more: somebody answered, or the next round starts without an answer. */
export function close(state: IncidentState, at: number, answer: string | null = null): IncidentState {
  const question = openQuestion(state)
  if (!question) return state
  return { ...state, question: { ...question, answer, closed: true }, waitedMs: state.waitedMs + at - question.at }
}

export const answer = (state: IncidentState, fact: QuestionAnswered, at: number): IncidentState =>
  fact.plan_version === state.question?.plan_version ? close(state, at, fact.answer) : state
