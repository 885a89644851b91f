import { type ActionType, actions } from '@triage/contracts'
import { validatePlan } from '@triage/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { briefing, contextOf, faults } from './fixtures.ts'
import { judge } from './judge.ts'
import { answerSchema } from './schema.ts'

/** Whatever a decoder that is held to a schema can say: the keywords that answerSchema uses, and no others. */
type Schema = {
  type?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
  minItems?: number
  maxItems?: number
  maxLength?: number
  required?: string[]
  additionalProperties?: boolean
}
function sayable(schema: Schema): fc.Arbitrary<unknown> {
  const { type, enum: values, anyOf, properties, items, minItems, maxItems, maxLength, required, additionalProperties, ...unknown } = schema
  expect(unknown).toEqual({})
  if (values) return fc.constantFrom(...values)
  if (anyOf) return fc.oneof(...anyOf.map(sayable))
  if (properties) {
    expect({ required, additionalProperties }).toEqual({ required: Object.keys(properties), additionalProperties: false })
    return fc.record(Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, sayable(inner)])))
  }
  if (items) return fc.array(sayable(items), { minLength: minItems!, maxLength: maxItems! })
  expect([type, typeof maxLength]).toEqual(['string', 'number'])
  return fc.string({ maxLength: Math.min(maxLength!, 20) })
}

/** What fits the schema has no fault in its form, its fields, its types, targets or arguments. */
const impossible = [
  'E_ANSWER_FORM',
  'E_ANSWER_SHAPE',
  'E_PLAN_SCHEMA',
  'E_PLAN_UNKNOWN_TYPE',
  'E_PLAN_UNKNOWN_TARGET',
  'E_PLAN_ARGS',
  'E_PLAN_TARGET_KIND',
  'E_PLAN_AGENT',
  'E_PLAN_NO_EXPECT',
  'E_PLAN_UNORDERED',
  'E_PLAN_CYCLE',
  'E_PLAN_DANGLING',
  'E_PLAN_DUPLICATE_TASK',
  'E_PLAN_TOO_MANY_TASKS'
]

test.each(Object.keys(faults) as (keyof typeof faults)[])(
  'law: whatever can be said of %s is a plan that holds, or is rejected with a reason',
  (fault) => {
    const context = contextOf(briefing(faults[fault]))
    const permitted = new Map(context.briefing.inventory.services.map(({ name, actions: types }) => [name, types]))
    const outcomes = { accepted: 0, rejected: 0 }
    fc.assert(
      fc.property(sayable(answerSchema(context.offer, { reasoning: true }) as Schema), (said) => {
        const judgement = judge(JSON.stringify(said), context)
        outcomes[judgement.verdict] += 1
        if (judgement.verdict === 'rejected') {
          const codes = judgement.errors.map(({ code }) => code)
          expect([codes.length > 0, codes.filter((code) => impossible.includes(code))]).toEqual([true, []])
          return
        }
        const { plan } = judgement
        expect(validatePlan(plan, context.briefing.inventory)).toEqual([])
        for (const { type, target } of plan.tasks) expect(permitted.get(target)).toContain(type)
        if (plan.tasks.some(({ type }) => actions[type as ActionType].risk !== 'read')) expect(plan.hypothesis.evidence).not.toEqual([])
      }),
      { numRuns: 300 }
    )
    expect(outcomes.rejected).toBeGreaterThan(0)
  }
)

test('law: no text makes it throw', () => {
  const context = contextOf(briefing(faults.postgresKilled))
  const hypothesis = { service: 'postgres', cause: 'process_exited', confidence: 'high', evidence: ['E1'], statement: 'it has ended' }
  const says = (said: object): void => void judge(JSON.stringify({ hypothesis, decision: 'act', ...said }), context)
  fc.assert(fc.property(fc.jsonValue(), (value) => says({ tasks: value, hypothesis: value })))
  const fields = fc.constantFrom('id', 'type', 'target', 'args', 'after')
  // What has no text.
  const examples: [{ type: object[] }[]][] = [[[{ type: [{ toString: false }] }]]]
  fc.assert(
    fc.property(fc.array(fc.dictionary(fields, fc.jsonValue())), (tasks) => says({ tasks })),
    { examples }
  )
})
