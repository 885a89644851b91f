// Facts as lines of a prompt. Every text from the world goes through quote(); times are seconds since the incident was opened.
import { type ActionType, actions, type InventoryService, isActionType, type Observation } from '@triage/contracts'
import type { Briefing } from './briefing.ts'
import { quote } from './quote.ts'
import { remainingOf, repairActions } from './replan.ts'

const names = (list: readonly string[]): string => list.map((name) => quote(name, 64)).join(' ')

const kindOf = ({ kind, managed }: InventoryService): string => (managed ? kind : 'undeclared')

export function serviceLine(service: InventoryService): string {
  const { name, status, depends_on } = service
  const needs = depends_on.length > 0 ? `, needs ${names(depends_on.toSorted())}` : ''
  return `${quote(name, 64)} ${kindOf(service)}, ${status}${needs}`
}

/** Attributes that a plan may hang on, when the summary does not say them. */
const telling = ['error_type', 'upstream', 'key', 'exit_signal', 'exit_code'] as const

export function evidenceLine(alias: string, { at, service, kind, summary, attributes }: Observation, openedAt: number): string {
  const more = telling.flatMap((name) => {
    const value = (attributes as unknown as Record<string, unknown>)[name]
    return value === undefined || summary.includes(String(value)) ? [] : [` ${name}=${quote(String(value), 200)}`]
  })
  const seconds = Math.round((Date.parse(at) - openedAt) / 1000)
  return `${alias} ${seconds}s ${quote(service, 64)} ${kind}: ${quote(summary)}${more.join('')}`
}

/** An action of the catalogue, and what it may be aimed at among those that are shown. */
export function actionLine(type: ActionType, services: readonly InventoryService[]): string {
  const { risk, description, args } = actions[type]
  const needs = args.required.map((name) => ` Needs args.${name}: ${args.properties[name]!.description}`).join('')
  const kinds = [...new Set(services.filter((service) => service.actions.includes(type)).map(kindOf))].sort()
  return `${type} (${risk}; for ${kinds.join(', ')}): ${description}${needs}`
}

export const permittedTypes = (services: readonly InventoryService[]): ActionType[] =>
  [...new Set(services.flatMap((service) => service.actions).filter(isActionType))].sort()

const outcomes = {
  waiting: 'was not carried out',
  dispatched: 'was not carried out',
  awaiting_approval: 'waits for a human',
  succeeded: 'was carried out and did not end the incident',
  failed: 'failed',
  unknown: 'may have been carried out, nobody can tell: do not repeat it'
} as const

export const triedLines = ({ tried }: Briefing): string[] =>
  [...new Set(tried.map(({ type, target, outcome }) => `${type} ${quote(target, 64)} ${outcomes[outcome]}`))].reverse()

export const effectivenessLines = ({ effectiveness }: Briefing): string[] =>
  effectiveness.map(({ type, cause, ended, of }) => `${type} ended ${ended} of ${of} incidents of ${quote(cause, 64)}`).sort()

export const runbookLines = ({ runbooks }: Briefing): string[] =>
  runbooks.map(({ title, heading, text }) => `${quote(title, 120)} / ${quote(heading, 120)}: ${quote(text, 600)}`)

/** @param chars of the answer */
export function askedLines({ asked }: Briefing, chars: number): string[] {
  if (!asked) return []
  const { question, answer } = asked
  const said = answer === null ? 'Nobody answered: decide without it.' : `The answer: ${quote(answer, chars)}`
  return [`A human was asked: ${quote(question)}`, said]
}

/** What the plan before was, what became of it, and what is wanted now. */
export function beforeLines({ before }: Briefing): string[] {
  if (!before) return []
  const { run, replan } = before
  const { hypothesis } = run.plan
  const tasks = run.plan.tasks.map(({ task_id, type, target }) => {
    const { status, result } = run.tasks[task_id]!
    return `${type} ${quote(target, 64)}: ${status}${result?.error ? ` ${result.error.code} ${quote(result.error.message, 200)}` : ''}`
  })
  const left = remainingOf(run).map(({ type, target }) => `${type} ${quote(target, 64)}`)
  return [
    replan === 'repair'
      ? `Wanted: repair that plan. Its hypothesis stands. Not done: ${left.join('; ') || 'nothing'}. Add at most ${repairActions} actions.`
      : 'Wanted: a new plan. Think again about what is wrong.',
    `Hypothesis: ${quote(hypothesis.cause, 64)} at ${quote(hypothesis.service ?? 'none', 64)}: ${quote(hypothesis.statement)}`,
    ...tasks,
    ...(run.deviation?.disagreements.map((text) => `Still wrong afterwards: ${quote(text, 200)}`) ?? [])
  ]
}
