// Questions that the swarm waits for, as the log tells it, and an operator's answers.
import { limits, TriageError } from '@triage/contracts'
import { type IncidentState, openQuestion, type Question } from '@triage/incident'
import { redact } from '@triage/redact'
import type { Session } from './session.ts'

export interface AskedOf {
  question: Question
  state: IncidentState
}

/** The oldest first. */
export async function openQuestions(session: Session): Promise<AskedOf[]> {
  return [...(await session.stories()).values()].flatMap(({ state }) => {
    const question = openQuestion(state)
    return question ? [{ question, state }] : []
  })
}

function closed({ id, end, question }: IncidentState): TriageError {
  if (question?.answer) return new TriageError('E_QUESTION_CLOSED', `${id} was answered before: ${question.answer}`)
  return new TriageError('E_QUESTION_CLOSED', end ? `${id} has ended` : `${id} is planned without an answer: there was none in time`)
}

/**
 * Answers what an incident asks; the first answer counts.
 * @param id incident, or "last"
 * @throws E_USAGE, E_NO_INCIDENT, E_NO_QUESTION, E_QUESTION_CLOSED
 */
export async function answerQuestion(session: Session, id: string, text: string): Promise<AskedOf> {
  const answer = redact(text).trim()
  if (answer === '' || answer.length > limits.answer_chars)
    throw new TriageError('E_USAGE', `an answer has 1 to ${limits.answer_chars} characters, not ${answer.length}`)
  const { state } = await session.story(id)
  if (!state.question) throw new TriageError('E_NO_QUESTION', `${state.id} has asked nothing`)
  const question = openQuestion(state)
  if (!question) throw closed(state)
  const { plan_version, task_id } = question
  const payload = { plan_version, task_id, answer }
  await session.say(state.id, { type: 'incident.question-answered.v1', key: `${plan_version}`, plan_version, payload })
  // Somebody else, or the end of the time, may have been there first.
  const after = (await session.story(state.id)).state
  if (after.question?.answer !== answer) throw closed(after)
  return { question, state }
}
