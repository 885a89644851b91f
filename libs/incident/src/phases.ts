// Where the time of an incident went.
import type { Fact } from './fact.ts'

/** Milliseconds. They add up to the total. */
export interface Phases {
  /** A round started → its last collector has reported. */
  detect: number
  /** → its plan is committed. */
  plan: number
  /** → the plan is finished. */
  act: number
  /** → the verdict: recovered, deviation or end. */
  verify: number
  total: number
}

const ends: Partial<Record<Fact['type'], keyof Omit<Phases, 'total'>>> = {
  'incident.observed.v1': 'detect',
  'incident.plan-accepted.v1': 'plan',
  // Whatever a human was asked before belongs to planning.
  'incident.replan-requested.v1': 'plan',
  'incident.plan-finished.v1': 'act',
  'incident.recovered.v1': 'verify',
  'incident.cancelled.v1': 'verify',
  'incident.escalated.v1': 'verify',
  'incident.deviation-detected.v1': 'verify'
}

/** Splits the time from the first fact to the end (or to the last fact); each stretch belongs to the phase that its end closes. */
export function phases(facts: readonly Fact[]): Phases {
  const result: Phases = { detect: 0, plan: 0, act: 0, verify: 0, total: 0 }
  let mark = facts[0]?.at ?? 0
  for (const fact of facts) {
    const phase = ends[fact.type]
    if (!phase || fact.at < mark) continue
    result[phase] += fact.at - mark
    mark = fact.at
  }
  result.total = result.detect + result.plan + result.act + result.verify
  return result
}
