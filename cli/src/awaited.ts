// Approvals that the swarm waits for, as the log tells it, and an operator's answers.
import { openOperatorKey, signStatement, statementOf } from '@triage/approval'
import { type Plan, type Task, TriageError } from '@triage/contracts'
import type { Asked, Draft, IncidentState } from '@triage/incident'
import { planId } from '@triage/plan'
import type { Session } from './session.ts'

export interface Awaited extends Asked {
  state: IncidentState
}

/** The oldest first. */
export async function awaitedApprovals(session: Session): Promise<Awaited[]> {
  const stories = [...(await session.stories()).values()].filter(({ state }) => !state.end)
  return stories.flatMap(({ state }) =>
    Object.values(state.plans.at(-1)?.tasks ?? {})
      .filter(({ status, asked }) => status === 'awaiting_approval' && asked)
      .map(({ asked }) => ({ ...asked!, state }))
  )
}

/** Throws E_APPROVAL_LAPSED or E_NO_APPROVAL. */
export async function findAwaited(session: Session, id: string): Promise<Awaited> {
  const awaited = (await awaitedApprovals(session)).find(({ request }) => request.approval_id === id)
  return awaited ?? missed(id, await askedAs(session, id))
}

async function askedAs(session: Session, id: string): Promise<Asked | undefined> {
  const stories = [...(await session.stories()).values()]
  const tasks = stories.flatMap(({ state }) => state.plans.flatMap((run) => Object.values(run.tasks)))
  return tasks.find(({ asked }) => asked?.request.approval_id === id)?.asked ?? undefined
}

function missed(id: string, asked: Asked | undefined): never {
  if (asked?.answer === 'lapsed') throw new TriageError('E_APPROVAL_LAPSED', `nobody waits for ${id}: ${asked.reason}`)
  throw new TriageError('E_NO_APPROVAL', `nobody waits for ${id}: it was answered, has expired, or never was`)
}

const answers = {
  'incident.approval-granted.v1': 'granted',
  'incident.approval-denied.v1': 'denied',
  'incident.approval-changed.v1': 'changed'
} as const

type Answer = Extract<Draft, { type: keyof typeof answers }>

/** Throws E_APPROVAL_LAPSED or E_NO_APPROVAL when another answer was on record before. */
async function say(session: Session, { state, request }: Awaited, { type, payload }: Pick<Answer, 'type' | 'payload'>): Promise<void> {
  const { approval_id, plan_version } = request
  // Each kind of answer is said once.
  await session.say(state.id, { type, key: approval_id, plan_version, payload } as Answer)
  const asked = await askedAs(session, approval_id)
  if (asked?.answer !== answers[type]) missed(approval_id, asked)
}

const about = ({ request: { approval_id, plan_version, task_id } }: Awaited) => ({ approval_id, plan_version, task_id })

/** Allows exactly what was asked for, until the request expires. */
export async function grant(session: Session, awaited: Awaited): Promise<void> {
  const { request, state } = awaited
  const statement = statementOf({ ...request, incident_id: state.id }, request.fence, request.expires_at)
  if (statement.approval_id !== request.approval_id)
    throw new TriageError('E_APPROVAL_INVALID', `${request.approval_id} does not name what it asks for; nothing was signed`)
  const signed = signStatement('approval', statement, openOperatorKey(session.swarm.operator_key))
  await say(session, awaited, { type: 'incident.approval-granted.v1', payload: { ...about(awaited), signed } })
}

export const deny = (session: Session, awaited: Awaited, reason: string): Promise<void> =>
  say(session, awaited, { type: 'incident.approval-denied.v1', payload: { ...about(awaited), reason } })

export interface Change {
  target?: string
  args?: Task['args']
}

/** The plan with the task changed: what succeeded is not done again, and what follows the task on its target follows it to the new one. */
export function changedPlan({ state, request }: Awaited, { target, args }: Change): Plan {
  const { plan, tasks } = state.plans.at(-1)!
  const { task_id } = request
  const left = plan.tasks.filter((task) => tasks[task.task_id]!.status !== 'succeeded')
  const kept = new Set(left.map((task) => task.task_id))
  const content = {
    ...plan,
    plan_version: plan.plan_version + 1,
    tasks: left.map((task) => {
      const follows = task.task_id === task_id || (task.dependencies.includes(task_id) && task.target === request.task.target)
      return {
        ...task,
        dependencies: task.dependencies.filter((name) => kept.has(name)),
        ...(follows && target && { target }),
        ...(task.task_id === task_id && args && { args })
      }
    })
  }
  return { ...content, plan_id: planId(content), created_at: new Date(state.lastAt).toISOString() }
}

/** Wants another action instead, as a plan of its own, and allows that one. The scheduler judges the plan like any other. */
export async function change(session: Session, awaited: Awaited, wanted: Change): Promise<Plan> {
  const { request, state } = awaited
  const plan = changedPlan(awaited, wanted)
  const task = plan.tasks.find((candidate) => candidate.task_id === request.task_id)!
  const covered = { incident_id: state.id, plan_id: plan.plan_id, plan_version: plan.plan_version, task }
  const signed = signStatement(
    'approval',
    statementOf(covered, request.fence, request.expires_at),
    openOperatorKey(session.swarm.operator_key)
  )
  await say(session, awaited, { type: 'incident.approval-changed.v1', payload: { ...about(awaited), plan, signed } })
  return plan
}
