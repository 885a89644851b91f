// What the scheduler decides from an incident's state: judge proposals, hand out ready tasks, give up on silent ones,
// finish plans, ask for another plan or escalate.
//
// Invariants
// 1. A task is handed out only when everything it depends on succeeded.
// 2. At most one plan runs; a plan is committed only when the one before it has finished.
// 3. The same state and time give the same decisions, and saying them changes the state so that they are not said again.
import {
  type ActionType,
  actions,
  type ErrorReport,
  limits,
  type Plan,
  type ReplanRequested,
  type Task,
  TriageError
} from '@triage/contracts'
import { diffSignature, topologicalOrder, validatePlan } from '@triage/plan'
import type { Draft } from './draft.ts'
import { clarifyingTask, openQuestion, questionOf } from './question.ts'
import { currentPlan, type IncidentState, inventoryOf, nextVersion, type PlanRun, type Proposal, type TaskRun } from './state.ts'
import { escalation, finalRefusal } from './summary.ts'

export interface Scheduled {
  say: Draft[]
  /** Nothing changes before then unless a fact comes; null: wait for facts. */
  wakeAt: number | null
}

const nothing = (wakeAt: number | null): Scheduled => ({ say: [], wakeAt })
const iso = (ms: number): string => new Date(ms).toISOString()

/**
 * @param lostRoles roles of which no process has been heard for five seconds
 * @param questionMs how long a human has for an answer; nobody is waited for longer than for an approval
 */
export function schedule(
  state: IncidentState,
  now: number,
  lostRoles: ReadonlySet<string> = new Set(),
  questionMs: number = limits.question_ms
): Scheduled {
  if (!state.report || state.end) return nothing(null)
  const run = currentPlan(state)
  const asking = openQuestion(state) || (run && Object.values(run.tasks).some((task) => task.status === 'awaiting_approval'))
  // While a human is waited for, the incident's time stands still; the question or the approval has a time of its own.
  const outOfTimeAt = asking ? Number.POSITIVE_INFINITY : state.openedAt + limits.incident_ms + state.waitedMs
  if (now >= outOfTimeAt) return { say: [escalation(state, 'out_of_time')], wakeAt: null }
  if (run && Object.values(run.tasks).some((task) => task.status === 'unknown'))
    return { say: [escalation(state, 'effect_unknown')], wakeAt: null }
  const question = run && !state.question && clarifyingTask(run.plan)
  if (question) return { say: [questionOf(run.plan, question, now + Math.min(questionMs, limits.approval_ms))], wakeAt: null }
  const decided = run && !run.finished ? carryOut(state, run, now, lostRoles) : betweenPlans(state, run, now)
  return { say: decided.say, wakeAt: Math.min(decided.wakeAt ?? outOfTimeAt, outOfTimeAt) }
}

/** No plan is running: judge what is proposed; else see whether another round is due. */
function betweenPlans(state: IncidentState, run: PlanRun | null, now: number): Scheduled {
  if (state.pending.length > 0) return { say: judge(state, now), wakeAt: null }
  if (state.change) return { say: [replan(state.round + 1, 'human_change')], wakeAt: null }
  const final = run && finalRefusal(run)
  if (final) return { say: [escalation(state, final)], wakeAt: null }
  if (run && clarifyingTask(run.plan) && run.round === state.round) return afterQuestion(state, now)
  const refused = state.rejected_plans.some((plan) => plan.round === state.round) && run?.round !== state.round
  if (refused) return { say: [nextRound(state, 'plan_rejected')], wakeAt: null }
  if (run?.deviation && run.round === state.round) return { say: [nextRound(state, 'deviation')], wakeAt: null }
  return nothing(null)
}

/** The next round has the answer, or does without. */
function afterQuestion(state: IncidentState, now: number): Scheduled {
  const open = openQuestion(state)
  if (open && now < open.expiresAt) return nothing(open.expiresAt)
  return { say: [replan(state.round + 1, open ? 'unanswered' : 'answered')], wakeAt: null }
}

function nextRound(state: IncidentState, reason: 'deviation' | 'plan_rejected'): Draft {
  // The round that a question led to is no further try.
  const tries = state.question ? state.round - 1 : state.round
  if (tries >= limits.replans) return escalation(state, reason === 'deviation' ? 'replans_exhausted' : 'plan_rejected')
  return replan(state.round + 1, reason)
}

const replan = (round: number, reason: ReplanRequested['reason']): Draft => ({
  type: 'incident.replan-requested.v1',
  key: `${round}`,
  payload: { round, reason },
  ...(reason === 'human_change' && { decision_tag: 'HUMAN_DECISION' as const })
})

/** The higher version wins, then the smaller id. Exactly one proposal is accepted, the first that holds. */
function judge(state: IncidentState, now: number): Draft[] {
  const ranked = state.pending.toSorted((a, b) => b.plan.plan_version - a.plan.plan_version || (a.plan.plan_id < b.plan.plan_id ? -1 : 1))
  const say: Draft[] = []
  let won = false
  for (const proposal of ranked) {
    const errors: ErrorReport[] = won
      ? [new TriageError('E_PLAN_SUPERSEDED', `${ranked[0]!.plan.plan_id} won`).report]
      : faults(state, proposal, now)
    say.push(errors.length > 0 ? rejection(proposal.plan, errors) : acceptance(proposal))
    won ||= errors.length === 0
  }
  return say
}

function faults(state: IncidentState, proposal: Proposal, now: number): ErrorReport[] {
  const { plan, origin, round } = proposal
  if (round !== state.round || plan.plan_version < nextVersion(state) || plan.incident_id !== state.id) {
    return [
      new TriageError(
        'E_PLAN_STALE',
        `version ${plan.plan_version} of round ${round}; version ${nextVersion(state)} of round ${state.round} is next`
      ).report
    ]
  }
  if (state.question && clarifyingTask(plan))
    return [new TriageError('E_PLAN_ASKED', `plan ${state.question.plan_version} has asked a human before`).report]
  if (isFlapping(state, plan, origin, now))
    return [new TriageError('E_PLAN_FLAPPING', `${origin} proposed this change less than ${limits.flapping_ms / 1000} s ago`).report]
  const inventory = inventoryOf(state)
  return inventory ? validatePlan(plan, inventory) : [new TriageError('E_PLAN_STALE', 'there is no inventory on record yet').report]
}

function isFlapping(state: IncidentState, plan: Plan, origin: string, now: number): boolean {
  const signature = diffSignature(currentPlan(state)?.plan ?? null, plan)
  const accepted = state.plans.map((run) => ({ signature: run.signature, origin: run.origin, at: run.acceptedAt }))
  return [...accepted, ...state.rejected_plans].some(
    (past) => past.signature === signature && past.origin === origin && now - past.at < limits.flapping_ms
  )
}

const acceptance = ({ plan: { plan_id, plan_version }, origin }: Proposal): Draft => ({
  type: 'incident.plan-accepted.v1',
  key: `${plan_version}`,
  plan_version,
  payload: { plan_id, plan_version },
  ...(origin === 'operator' && { decision_tag: 'HUMAN_DECISION' as const })
})
const rejection = ({ plan_id, plan_version }: Plan, errors: ErrorReport[]): Draft => ({
  type: 'incident.plan-rejected.v1',
  key: plan_id,
  plan_version,
  payload: { plan_id, plan_version, errors }
})

function carryOut(state: IncidentState, run: PlanRun, now: number, lostRoles: ReadonlySet<string>): Scheduled {
  const stale = state.pending.length > 0 ? judgeWhileRunning(state) : []
  const tasks = topologicalOrder(run.plan.tasks).map((name) => ({
    task: run.plan.tasks.find((task) => task.task_id === name)!,
    run: run.tasks[name]!
  }))
  const abandoned = tasks
    .filter((entry) => entry.run.status === 'dispatched' || entry.run.status === 'awaiting_approval')
    .flatMap(({ task, run: t }) => abandon(run.plan, task, t, now, lostRoles))
  if (abandoned.length > 0 || stale.length > 0) return { say: [...stale, ...abandoned], wakeAt: null }
  const failed = tasks.filter((entry) => entry.run.status === 'failed').map((entry) => entry.task.task_id)
  const underWay = tasks.filter((entry) => entry.run.status === 'dispatched' || entry.run.status === 'awaiting_approval')
  const ready =
    failed.length > 0
      ? []
      : tasks.filter(
          (entry) => entry.run.status === 'waiting' && entry.task.dependencies.every((name) => run.tasks[name]!.status === 'succeeded')
        )
  const due = ready.filter((entry) => entry.run.notBefore <= now)
  if (due.length > 0) return { say: [dispatch(run.plan, due, now)], wakeAt: null }
  if (underWay.length === 0 && ready.length === 0) return { say: [finish(run.plan, failed)], wakeAt: null }
  return nothing(Math.min(...underWay.map((entry) => awaitedUntil(entry.run)), ...ready.map((entry) => entry.run.notBefore)))
}

/** A plan that comes while another runs comes too late. */
const judgeWhileRunning = (state: IncidentState): Draft[] =>
  state.pending.map(({ plan }) =>
    rejection(plan, [new TriageError('E_PLAN_STALE', `version ${nextVersion(state) - 1} is being carried out`).report])
  )

/** An agent is waited for until its deadline, a human until the approval expires. */
const awaitedUntil = ({ status, asked, deadline }: TaskRun): number =>
  status === 'awaiting_approval' ? Date.parse(asked!.request.expires_at) : deadline

function abandon(plan: Plan, task: Task, run: TaskRun, now: number, lostRoles: ReadonlySet<string>): Draft[] {
  const asking = run.status === 'awaiting_approval'
  const lost = !asking && lostRoles.has(task.assigned_to)
  if (now < awaitedUntil(run) && !lost) return []
  const payload = {
    plan_version: plan.plan_version,
    task_id: task.task_id,
    attempt: run.attempt,
    reason: asking ? ('approval_expired' as const) : lost ? ('agent_lost' as const) : ('timed_out' as const)
  }
  return [
    {
      type: 'incident.task-abandoned.v1',
      key: `${plan.plan_version}:${task.task_id}:${run.attempt}`,
      plan_version: plan.plan_version,
      payload
    }
  ]
}

function dispatch(plan: Plan, due: { task: Task; run: TaskRun }[], now: number): Draft {
  const tasks = due.map(({ task, run }) => ({
    task_id: task.task_id,
    attempt: run.attempt + 1,
    deadline: iso(now + actions[task.type as ActionType].timeout_ms)
  }))
  const key = `${plan.plan_version}:${tasks.map((task) => `${task.task_id}.${task.attempt}`).join('+')}`
  return { type: 'incident.tasks-dispatched.v1', key, plan_version: plan.plan_version, payload: { plan_version: plan.plan_version, tasks } }
}

const finish = ({ plan_version }: Plan, failed: string[]): Draft => ({
  type: 'incident.plan-finished.v1',
  key: `${plan_version}`,
  plan_version,
  payload: { plan_version, outcome: failed.length > 0 ? 'failed' : 'completed', failed_tasks: failed }
})
