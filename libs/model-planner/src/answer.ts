// What a model said, read field by field: an answer need not have been held to the schema when it was made.
import { type ErrorReport, limits } from '@triage/contracts'
import { redact } from '@triage/redact'
import type { Offer } from './briefing.ts'
import { type Fields, isFields } from './fields.ts'
import { inOrder, takenOnce } from './in-order.ts'
import { plainJson } from './quote.ts'
import { confidences, decisions, type ModelDecision, type ModelTask } from './schema.ts'

export interface Answer {
  service: string | null
  cause: string
  confidence: number
  /** Short names of observations, as the model gave them; some may not exist. */
  evidence: string[]
  statement: string
  decision: ModelDecision
  question: string
  tasks: ModelTask[]
}

interface Read {
  answer: Answer
  /** What is wrong with it; then the answer is not to be used. */
  errors: ErrorReport[]
  /** What was changed. */
  repairs: string[]
}

const taskId = /^[a-z0-9][a-z0-9_-]{0,62}$/
const shown = (value: unknown): string => (value === undefined ? 'nothing' : plainJson(value)).slice(0, 80)

/** Collects what is wrong; each reader gives something harmless in its place. */
class Reader {
  readonly errors: ErrorReport[] = []
  readonly repairs: string[] = []

  wrong(field: string, value: unknown, wanted: string): void {
    this.errors.push({ code: 'E_ANSWER_SHAPE', message: `${field}: ${wanted} is wanted, not ${shown(value)}` })
  }
  oneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T | null {
    if (allowed.includes(value as T)) return value as T
    this.wrong(field, value, `one of ${allowed.slice(0, 50).join(', ')}`)
    return null
  }
  text(field: string, value: unknown, most: number): string {
    if (typeof value === 'string') return redact(value).slice(0, most).trim()
    if (value !== undefined && value !== null) this.wrong(field, value, 'a text')
    return ''
  }
  texts(field: string, value: unknown): string[] {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return [...new Set(value as string[])].slice(0, 50)
    if (value !== undefined) this.wrong(field, value, 'a list of texts')
    return []
  }
  confidence(value: unknown): number {
    if (typeof value === 'number' && value >= 0 && value <= 1) return value
    const word = this.oneOf('hypothesis.confidence', value, Object.keys(confidences) as (keyof typeof confidences)[])
    return confidences[word ?? 'low']
  }
  /**
   * Tasks are done in their order, or, when they say themselves what they come after, as they say. A name that is none is replaced, and
   * what refers to it follows.
   */
  tasks(value: unknown): ModelTask[] {
    if (value === undefined) return []
    if (!Array.isArray(value) || !value.every(isFields)) {
      this.wrong('tasks', value, 'a list of tasks')
      return []
    }
    if (value.length > limits.tasks_per_plan)
      this.errors.push({ code: 'E_PLAN_TOO_MANY_TASKS', message: `${value.length} tasks, ${limits.tasks_per_plan} are allowed` })
    const few = value.slice(0, limits.tasks_per_plan)
    const name = (id: unknown, i: number): string => (typeof id === 'string' && taskId.test(id) ? id : `task-${i + 1}`)
    const renamed = new Map(few.map(({ id }, i) => [id, name(id, i)]))
    const tasks = few.map(({ id, type, target, args = {}, after }, i) => {
      if (typeof type !== 'string' || typeof target !== 'string') this.wrong(`tasks[${i}]`, { type, target }, 'a type and a target')
      if (!isFields(args)) this.wrong(`tasks[${i}].args`, args, 'an object')
      const dependencies = this.texts(`tasks[${i}].after`, after).map((before) => renamed.get(before) ?? before)
      return { task_id: name(id, i), type: asText(type), target: asText(target), args: isFields(args) ? args : {}, dependencies }
    })
    if (few.some(({ after }) => after !== undefined)) return tasks
    const once = takenOnce(tasks)
    if (once.length < tasks.length) this.repairs.push('tasks that were named again taken once')
    return inOrder(once)
  }
}

/** What is no text was objected to; an object may even refuse to become one. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : '')

/** An answer without a hypothesis blames nobody and has no evidence, so that nothing may be changed by it. */
export function readAnswer(object: Record<string, unknown>, { services, causes }: Offer): Read {
  const reader = new Reader()
  const given = object.hypothesis
  if (given !== undefined && !isFields(given)) reader.wrong('hypothesis', given, 'an object')
  const hypothesis = isFields(given) ? given : null
  // Without a schema some models leave the decision's object out, and calls of tools come as tasks alone.
  const decision: Fields = isFields(object.decision) ? object.decision : { ...object, do: object.decision }
  const tasks = reader.tasks(decision.tasks)
  const answer: Answer = {
    service: hypothesis && hypothesis.service != null ? reader.oneOf('hypothesis.service', hypothesis.service, services) : null,
    cause: (hypothesis && reader.oneOf('hypothesis.cause', hypothesis.cause, causes)) ?? 'unknown',
    confidence: hypothesis ? reader.confidence(hypothesis.confidence) : 0,
    evidence: hypothesis ? reader.texts('hypothesis.evidence', hypothesis.evidence) : [],
    statement: reader.text('hypothesis.statement', hypothesis?.statement, 400),
    decision: (decision.do === undefined && tasks.length > 0 ? 'act' : reader.oneOf('decision.do', decision.do, decisions)) ?? 'act',
    question: reader.text('decision.question', decision.question, 500),
    tasks
  }
  return { answer, errors: reader.errors, repairs: reader.repairs }
}
