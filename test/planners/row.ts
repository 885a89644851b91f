// What came of one rehearsal: a planner against a fault.

import type { Rehearsal } from '@triage/cli/rehearsal'
import type { LoggedRun } from '@triage/cli/runs'
import type { PlannerName } from './planners.ts'

export const runtimes = ['process', 'docker'] as const
/** Which rehearsal. */
export interface Key {
  runtime: (typeof runtimes)[number]
  planner: PlannerName
  fault: string
  seed: number
}

export interface Row extends Key {
  /** How the incident ended, or why the rehearsal did not come to an end. */
  end: string
  /** Ended as it should, users served, the cause gone, everything there that was there before. */
  recovered: boolean
  /** The cause was named rightly. */
  named: boolean
  /** What was done that no accepted plan had asked for, or that the fault did not call for. */
  harm: string[]
  /** Who made the plans that were carried out, in order. */
  sources: ('model' | 'rulebook')[]
  /** Questions to the model, and what came of them. */
  asked: number
  rejected: number
  failed: number
  /** Changes of an answer's form. */
  repairs: number
  /** As the server says; of an answer that was broken off it says nothing. */
  tokens: { input: number; output: number }
  /** From `opened` to the plan that may be carried out; null when there was none. */
  plan_ms: number | null
  budget_ms: number
  total_ms: number
}

/** What the promised budget may be exceeded by: collecting, judging, saying. */
const graceMs = 1_000
export const inTime = ({ plan_ms, budget_ms }: Row): boolean => plan_ms !== null && plan_ms <= budget_ms + graceMs
export const isGood = (row: Row): boolean => row.recovered && row.harm.length === 0
export const sameKey = (a: Key, b: Key): boolean =>
  a.runtime === b.runtime && a.planner === b.planner && a.fault === b.fault && a.seed === b.seed

const nameCheck = 'root cause named'
const harmCheck = 'no collateral'
const sum = <T>(list: readonly T[], of: (one: T) => number | null | undefined): number =>
  list.reduce((total, one) => total + (of(one) ?? 0), 0)

/** @param runs what planners put on record about the incident */
export function rowOf(
  key: Key,
  budget_ms: number,
  { checks, state, facts, operations, phases }: Rehearsal,
  runs: readonly LoggedRun[]
): Row {
  const targets = new Set(state.plans.flatMap(({ plan }) => plan.tasks.map(({ target }) => target)))
  const unplanned = operations.filter(({ name }) => !targets.has(name)).map(({ op, name }) => `${op} ${name} was in no plan`)
  const collateral = checks.filter(({ name, ok }) => name === harmCheck && !ok).map(({ detail }) => detail)
  const questions = runs.flatMap(({ run }) => run.model ?? [])
  const outcomes = (wanted: string): number => questions.filter(({ outcome }) => outcome === wanted).length
  const accepted = facts.find(({ type }) => type === 'incident.plan-accepted.v1')
  const wrong = checks.filter(({ name, ok }) => !ok && name !== nameCheck && name !== harmCheck)
  return {
    ...key,
    end: [state.end?.kind ?? 'open', ...wrong.map(({ name, detail }) => `${name}: ${detail}`)].join('; '),
    recovered: wrong.length === 0,
    named: checks.every(({ name, ok }) => ok || name !== nameCheck),
    harm: [...unplanned, ...collateral],
    sources: state.plans.map(({ source }) => (source === 'rulebook' ? source : 'model')),
    asked: questions.length,
    rejected: outcomes('rejected'),
    failed: outcomes('failed'),
    repairs: sum(questions, ({ repairs }) => repairs.length),
    tokens: { input: sum(questions, ({ answer }) => answer?.input_tokens), output: sum(questions, ({ answer }) => answer?.output_tokens) },
    plan_ms: accepted ? accepted.at - state.openedAt : null,
    budget_ms,
    total_ms: Math.round(phases.total)
  }
}

/** Of a rehearsal that did not come to an end. */
export const brokenRow = (key: Key, budget_ms: number, error: Error): Row => ({
  ...key,
  end: error.message,
  recovered: false,
  named: false,
  harm: [],
  sources: [],
  asked: 0,
  rejected: 0,
  failed: 0,
  repairs: 0,
  tokens: { input: 0, output: 0 },
  plan_ms: null,
  budget_ms,
  total_ms: 0
})
