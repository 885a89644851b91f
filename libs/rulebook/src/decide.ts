// What is believed to be wrong, and what to do about it.
//
// Invariants
// 1. Total and deterministic: the same observations, in whatever order, give the same decision; nothing throws.
// 2. The first hypothesis is the plan's.
// 3. Text decides nothing: a service that the report mentions wins a tie, and log lines are only ever matched by the rules' patterns.
import { type ActionType, actions, type Hypothesis, type Inventory, type Observation, type Plan, type Task } from '@triage/contracts'
import { type Candidate, candidatesOf, fallbackCandidate } from './candidate.ts'
import { expand, fill, type Names } from './expand.ts'
import { healthReport } from './health.ts'
import type { Scene } from './match.ts'
import { mentionedIn } from './mention.ts'
import type { Rulebook } from './rule.ts'
import { entriesOf, type Topology, topologyOf } from './topology.ts'

/** An action of an earlier plan of this incident and what became of it. The incident is still open: it was not enough. */
export interface Tried {
  type: string
  target: string
  /** waiting and dispatched: it was never carried out; unknown: nobody can tell whether it was. */
  outcome: 'waiting' | 'dispatched' | 'awaiting_approval' | 'succeeded' | 'failed' | 'unknown'
}

export interface DecideInput {
  /** answer: what a human said when asked. */
  incident: { id: string; text: string; service?: string; answer?: string }
  /** 0 for the first plan of the incident. */
  round: number
  observations: readonly Observation[]
  inventory: Inventory
  tried: readonly Tried[]
}

export interface Decision {
  /** Best first; each statement ends with the id of its rule. */
  hypotheses: Hypothesis[]
  /** Null when nothing may be done to anything, not even read: an empty inventory. */
  plan: Omit<Plan, 'plan_id' | 'plan_version' | 'created_at'> | null
}

interface Option {
  candidate: Candidate
  names: Names
  /** Null: there is no plan for it. */
  tasks: Task[] | null
  /** How often its actions were carried out before. */
  tries: number
}

const acts = (task: Task): boolean => actions[task.type as ActionType].risk !== 'read'

/**
 * The plan of a candidate. An action that was tried before may be tried again, but after all that was not: its candidate ranks below
 * them. One of which nobody knows whether it took place is not proposed again: a human decides that.
 */
function optionOf(candidate: Candidate, lists: Names, topology: Topology, tried: readonly Tried[]): Option {
  const names = { ...lists, ...candidate.names }
  const tasks = expand(candidate.rule, names, topology)
  const before = tried.filter((one) => tasks?.some((task) => acts(task) && task.type === one.type && task.target === one.target))
  const unsure = before.some((one) => one.outcome === 'unknown')
  const tries = before.filter((one) => one.outcome === 'succeeded' || one.outcome === 'failed').length
  return { candidate, names, tasks: unsure ? null : tasks, tries }
}

/** With a plan first; then what was tried least; then the more confident; then what the report mentions; then by name. */
function byRank(mentioned: readonly string[]): (a: Option, b: Option) => number {
  const name = ({ candidate: { service, rule } }: Option): string => `${rule.id} ${service}`
  const isMentioned = ({ candidate: { service } }: Option): boolean => service !== null && mentioned.includes(service)
  return (a, b) =>
    Number(b.tasks !== null) - Number(a.tasks !== null) ||
    a.tries - b.tries ||
    b.candidate.confidence - a.candidate.confidence ||
    Number(isMentioned(b)) - Number(isMentioned(a)) ||
    (name(a) < name(b) ? -1 : 1)
}

/** Every cause that a rule recognises, best first; before them the fallback, when none of them has a plan. */
function options(rulebook: Rulebook, scene: Scene, { incident, tried }: DecideInput): Option[] {
  const { topology } = scene
  const health = healthReport(rulebook.health, scene)
  const mentioned = mentionedIn(incident, topology)
  const lists = { ill: health.unwell, mentioned: mentioned.length > 0 ? mentioned : entriesOf(topology) }
  const option = (candidate: Candidate): Option => optionOf(candidate, lists, topology, tried)
  const causes = rulebook.rules.flatMap((rule) => candidatesOf(rule, scene, health).map(option)).sort(byRank(mentioned))
  if (causes[0]?.tasks) return causes
  const fallback = health.unwell.length > 0 ? rulebook.fallbacks.unexplained : rulebook.fallbacks.healthy
  return [option(fallbackCandidate(fallback, health)), ...causes]
}

function hypothesisOf({ candidate: { rule, service, confidence, evidence }, names }: Option): Hypothesis {
  return {
    ...(service === null ? {} : { service }),
    cause: rule.cause,
    confidence,
    evidence: [...new Set(evidence.map((observation) => observation.observation_id))].sort().slice(0, 50),
    statement: `${fill(rule.statement, names).slice(0, 400)} (rule ${rule.id})`
  }
}

/** Ranks what may be wrong and plans for the best of it. Pure; never throws. */
export function decide(rulebook: Rulebook, input: DecideInput): Decision {
  const ranked = options(rulebook, { observations: input.observations, topology: topologyOf(input.inventory) }, input)
  const best = ranked[0]!
  const hypotheses = ranked.map(hypothesisOf)
  if (!best.tasks) return { hypotheses, plan: null }
  const again = input.round > 0 ? ` (round ${input.round + 1})` : ''
  const root_goal = `${fill(best.candidate.rule.goal, best.names).slice(0, 400)}${again}`
  return { hypotheses, plan: { incident_id: input.incident.id, root_goal, hypothesis: hypotheses[0]!, tasks: best.tasks } }
}
