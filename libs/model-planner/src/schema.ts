// The shape of an answer, as a constraint on decoding.
//
// Only what llama.cpp's grammars (and Ollama, which has them from there) and OpenAI's strict mode both take: closed objects of which
// every field is required, enum, anyOf below the root, bounded arrays and texts. A confidence is a word, for a grammar cannot bound a
// number. All texts have an end, or a small model would find none. What cannot be said need not be refused: tasks are done in their
// order and have no names, so there is no cycle and no dangling reference; who acts asks nothing, and who asks does nothing.
import { limits, type Task } from '@triage/contracts'
import type { Offer } from './briefing.ts'
import type { Choice } from './menu.ts'

type Schema = Record<string, unknown>

const closed = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false
})
const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: values })
const text = (maxLength: number): Schema => ({ type: 'string', maxLength })
const list = (items: Schema, maxItems: number, minItems = 0): Schema => ({ type: 'array', items, minItems, maxItems })
/** A list that can only be empty still says of what. */
const listOf = (values: readonly string[], maxItems: number, minItems: number): Schema =>
  values.length > 0 ? list(oneOf(values), maxItems, minItems) : list(text(1), 0)

export const confidences = { low: 0.3, medium: 0.6, high: 0.9 } as const
export const decisions = ['act', 'ask', 'nothing_to_do'] as const
export type ModelDecision = (typeof decisions)[number]
export type ModelTask = Pick<Task, 'task_id' | 'type' | 'target' | 'args' | 'dependencies'>

function taskSchema({ types, targets, args }: Choice): Schema {
  const given: Record<string, Schema> = Object.keys(args).length > 0 ? { args: closed(args as Record<string, Schema>) } : {}
  return closed({ type: oneOf(types), target: oneOf(targets), ...given })
}

const decision = (name: ModelDecision, more: Record<string, Schema> = {}): Schema => closed({ do: oneOf([name]), ...more })

/** What may be decided; without anything to choose from nobody acts. */
const waysOn = ({ menu, mayAsk }: Pick<Offer, 'menu' | 'mayAsk'>): Schema[] => [
  ...(menu.length > 0 ? [decision('act', { tasks: list({ anyOf: menu.map(taskSchema) }, limits.tasks_per_plan, 1) })] : []),
  ...(mayAsk ? [decision('ask', { question: text(300) })] : []),
  decision('nothing_to_do')
]

/** @param reasoning whether the model may think in the answer, before it decides */
export function answerSchema({ services, causes, evidence, ...ways }: Offer, { reasoning }: { reasoning: boolean }): object {
  const aliases = evidence.map(({ alias }) => alias)
  return closed({
    ...(reasoning ? { reasoning: text(1500) } : {}),
    hypothesis: closed({
      service: { type: ['string', 'null'], enum: [...services, null] },
      cause: oneOf(causes),
      confidence: oneOf(Object.keys(confidences)),
      evidence: listOf(aliases, 8, 1),
      statement: text(300)
    }),
    decision: { anyOf: waysOn(ways) }
  })
}
