import type { Observation } from '@triage/contracts'
import { type Fact, firing, type IncidentState, openQuestion, type PlanRun, phases, type Question } from '@triage/incident'
import { depths, diffPlans, topologicalOrder } from '@triage/plan'
import { duration, printable, style, table } from './style.ts'

const signs = {
  succeeded: style.good('✓'),
  failed: style.bad('✗'),
  unknown: style.bad('?'),
  dispatched: style.accent('…'),
  awaiting_approval: style.warn('✋'),
  waiting: style.dim('·')
}
const levels = '①②③④⑤⑥⑦⑧'

function planRows({ plan, tasks }: PlanRun): string[][] {
  const depth = depths(plan.tasks)
  const order = topologicalOrder(plan.tasks).toSorted((a, b) => depth.get(a)! - depth.get(b)!)
  return order.map((name, i) => {
    const task = plan.tasks.find((candidate) => candidate.task_id === name)!
    const { status, result, attempt } = tasks[name]!
    const first = i === 0 || depth.get(order[i - 1]!) !== depth.get(name)
    const took = result ? duration(Date.parse(result.finished_at) - Date.parse(result.started_at)) : ''
    const after = task.dependencies.length > 0 ? style.dim(`after ${task.dependencies.join(', ')}`) : ''
    return [
      first ? levels[depth.get(name)!]! : ' ',
      signs[status],
      name,
      style.accent(task.type),
      task.target,
      took + (attempt > 1 ? ` (attempt ${attempt})` : ''),
      after
    ]
  })
}

function questionText({ question, answer, closed }: Question): string {
  const said = answer === null ? style.dim(closed ? 'nobody answered' : 'nobody has answered yet') : `“${answer}”`
  return `  ${style.warn('asks')} ${question}\n  ${said}`
}

function planText(run: PlanRun, before: PlanRun | null, question: Question | null): string {
  const { plan, source, deviation } = run
  const asks = question?.plan_version === plan.plan_version
  const { added, removed } = diffPlans(before?.plan ?? null, plan)
  const change = before && !asks ? style.dim(`  ${added.length} tasks new, ${removed.length} gone since the plan before\n`) : ''
  const after = deviation ? `\n  ${style.warn('then')} ${deviation.disagreements.slice(0, 3).join('; ')}` : ''
  return `${style.title(`Plan ${plan.plan_version}`)} by ${source}: ${plan.root_goal}\n${change}${asks ? questionText(question) : table(planRows(run))}${after}`
}

const evidenceText = (state: IncidentState, run: PlanRun): string => {
  const all = new Map<string, Observation>(
    state.observed.flatMap((entry) => entry.observations).map((observation) => [observation.observation_id, observation])
  )
  const { hypothesis } = run.plan
  const lines = hypothesis.evidence.flatMap((id) => (all.has(id) ? [`  · ${all.get(id)!.summary}`] : []))
  return `${style.title('Hypothesis')} ${hypothesis.statement} ${style.dim(`(${hypothesis.cause}, confidence ${hypothesis.confidence.toFixed(2)})`)}${lines.length > 0 ? `\n${lines.slice(0, 8).join('\n')}` : ''}`
}

function alertsText({ alerts }: IncidentState): string {
  const all = Object.values(alerts)
  const rows = all
    .toSorted((a, b) => (a.starts_at < b.starts_at ? -1 : 1))
    .slice(0, 10)
    .map(({ name, service = '', status, summary = '' }) => [status === 'firing' ? style.bad('●') : style.good('○'), name, service, summary])
  const more = all.length > 10 ? style.dim(`\n  and ${all.length - 10} more`) : ''
  return `${style.title('Alerts')} ${firing(alerts).length} of ${all.length} fire\n${table(rows)}${more}`
}

/** What a human has to answer before it goes on. */
function awaitedText(state: IncidentState): string {
  const question = openQuestion(state)
  if (question) return `waits for an answer: ${question.question} (npx triage answer ${state.id} "…")`
  const asked = Object.values(state.plans.at(-1)?.tasks ?? {}).filter(({ status }) => status === 'awaiting_approval')
  return asked
    .map(({ asked }) => asked!.request)
    .map(
      ({ approval_id, task, why }) =>
        `waits for a human to allow ${task.type} on ${task.target}: ${why} (npx triage approve ${approval_id})`
    )
    .join('\n')
}

function endText(state: IncidentState): string {
  const { end } = state
  if (!end) return style.accent(awaitedText(state) || 'still open')
  const colour = end.kind === 'recovered' ? style.good : end.kind === 'escalated' ? style.bad : style.dim
  return `${colour(style.title(end.kind))} ${end.summary}`
}

/** An incident for people: what was said, what was believed and why, what was done, where the time went, how it ended. */
export function incidentText(state: IncidentState, facts: readonly Fact[]): string {
  const split = phases(facts)
  const current = state.plans.at(-1)
  const parts = [
    `${style.title(state.id)} “${state.report?.text.slice(0, 200) ?? ''}”${state.merged > 0 ? style.dim(` (reported ${state.merged + 1} times)`) : ''}`,
    ...(state.rejected ? [style.bad(`report rejected: ${state.rejected.message} (${state.rejected.code})`)] : []),
    ...(Object.keys(state.alerts).length > 0 ? [alertsText(state)] : []),
    ...(current ? [evidenceText(state, current)] : []),
    ...state.plans.map((run, i) => planText(run, state.plans[i - 1] ?? null, state.question)),
    `${style.title('Time')} detect ${duration(split.detect)} → plan ${duration(split.plan)} → act ${duration(split.act)} → verified ${duration(split.verify)}; ${style.title(duration(split.total))} in all`,
    `${style.title('Outcome')} ${endText(state)}`
  ]
  return printable(parts.join('\n\n'))
}
