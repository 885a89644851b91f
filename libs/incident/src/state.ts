import type {
  ApprovalRequested,
  Collector,
  Inventory,
  Observation,
  Observed,
  Plan,
  ReceivedReport,
  SignedStatement,
  TaskFinished
} from '@triage/contracts'
import type { Alerts } from './alerts.ts'
import type { Question } from './question.ts'

/** What a human was asked, and what came of it. */
export interface Asked {
  request: ApprovalRequested
  at: number
  answer: 'granted' | 'denied' | 'expired' | 'changed' | 'lapsed' | null
  /** What the human said, or why nobody has to. */
  reason: string
}

export interface TaskRun {
  task_id: string
  /** waiting: for its dependencies or for its next attempt; awaiting_approval: for a human; failed: for good. */
  status: 'waiting' | 'dispatched' | 'awaiting_approval' | 'succeeded' | 'failed' | 'unknown'
  attempt: number
  dispatchedAt: number
  /** The scheduler waits for an attempt until then. */
  deadline: number
  /** The next attempt is not before then. */
  notBefore: number
  result: TaskFinished | null
  asked: Asked | null
  /** A human's approval; it goes with the command. */
  approval: SignedStatement | null
}

export interface PlanRun {
  plan: Plan
  /** The planner that made it, and how. */
  origin: string
  source: string
  round: number
  signature: string
  acceptedAt: number
  tasks: Record<string, TaskRun>
  finished: { outcome: 'completed' | 'failed'; at: number } | null
  deviation: { reason: string; disagreements: string[]; at: number } | null
}

export interface Proposal {
  plan: Plan
  origin: string
  source: string
  round: number
  at: number
  /** Approvals that came with it, by task. */
  approvals: Readonly<Record<string, SignedStatement>>
}

export interface IncidentState {
  id: string
  report: ReceivedReport | null
  openedAt: number
  rejected: { code: string; message: string } | null
  /** How often people said the same again. */
  merged: number
  /** What its alerts said last. */
  alerts: Alerts
  /** 0 until the first replan. */
  round: number
  roundAt: number
  observed: Observed[]
  /** Proposals that were neither accepted nor rejected. */
  pending: Proposal[]
  rejected_plans: {
    plan_id: string
    signature: string
    origin: string
    round: number
    at: number
    errors: { code: string; message: string }[]
  }[]
  /** The plan that an operator wants instead of the current one, until its round starts. */
  change: Proposal | null
  /** What a human was asked, once. */
  question: Question | null
  /** How long humans were waited for, milliseconds: time that does not count. */
  waitedMs: number
  /** Committed plans, oldest first; the last one is current. */
  plans: PlanRun[]
  end: { kind: 'recovered' | 'escalated' | 'cancelled'; reason: string; summary: string; at: number } | null
  /** When the last fact was said. */
  lastAt: number
  /** Ids of the facts that were folded: a fact counts once. */
  seen: Set<string>
}

export const currentPlan = (state: IncidentState): PlanRun | null => state.plans.at(-1) ?? null

/** Version that the next committed plan will have at least. */
export const nextVersion = (state: IncidentState): number => (currentPlan(state)?.plan.plan_version ?? 0) + 1

/** The newest inventory that the monitor has put on record. */
export function inventoryOf(state: IncidentState): Inventory | null {
  return state.observed.findLast((entry) => entry.inventory)?.inventory ?? null
}

/** Collectors that have reported in the current round. */
export const observedCollectors = (state: IncidentState): Collector[] =>
  state.observed.filter((entry) => entry.round === state.round).map((entry) => entry.collector)

/** What was seen in the current round: by the collectors, and by the read tasks of the plan before it. */
export function latestObservations(state: IncidentState): Observation[] {
  const collected = state.observed.filter((entry) => entry.round === state.round).flatMap((entry) => entry.observations)
  const before = state.round > 0 ? currentPlan(state) : null
  const fromTasks =
    before && before.round === state.round - 1 ? Object.values(before.tasks).flatMap((task) => task.result?.observations ?? []) : []
  return [...collected, ...fromTasks]
}

/** What was tried before, and whether it helped (it did not, or there would be no next round). What lapsed was never begun. */
export function triedActions(state: IncidentState): { type: string; target: string; outcome: TaskRun['status'] }[] {
  return state.plans.flatMap(({ plan, tasks }) =>
    plan.tasks
      .filter((task) => task.assigned_to === 'action-agent')
      .map(({ task_id, type, target }) => {
        const { status, asked } = tasks[task_id]!
        return { type, target, outcome: asked?.answer === 'lapsed' ? 'waiting' : status }
      })
  )
}
