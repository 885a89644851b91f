import type { Task } from '@triage/contracts'
import { clarifyingTask } from '@triage/incident'
import type { PlanVersion } from '../plan-versions.ts'
import { attemptLines } from './attempts.ts'
import { printable, style, table } from './style.ts'

const list = (lines: readonly string[]): string[] => lines.map((line) => `  ${style.dim('·')} ${line}`)
const words = ({ type, target, args }: Task): string[] => [
  style.accent(type),
  target,
  Object.keys(args).length > 0 ? style.dim(JSON.stringify(args)) : ''
]

function judgement({ verdict, errors }: PlanVersion): string[] {
  if (verdict === 'accepted') return [`${style.title('Validator')} ${style.good('✓ accepted')}`]
  if (verdict === 'waiting') return [`${style.title('Validator')} ${style.dim('has not judged it')}`]
  return [`${style.title('Validator')} ${style.bad('✗ rejected')}`, ...errors.map(({ code, message }) => `  ${style.bad(code)} ${message}`)]
}

/** Edit operations against the last accepted plan; the tasks themselves where there was none. */
function tasks({ plan, diff }: PlanVersion): string[] {
  const question = clarifyingTask(plan)
  if (question) return [`${style.title('Asks a human')} ${question.question}`]
  if (!diff) return [style.title('Tasks'), table(plan.tasks.map(words))]
  const { added, removed, kept, distance } = diff
  const rows = [
    ...removed.map((task) => [style.bad('−'), ...words(task)]),
    ...added.map((task) => [style.good('+'), ...words(task)]),
    ...kept.map((task) => [style.dim('='), ...words(task)])
  ]
  return [`${style.title('Difference')} to the plan before: ${distance} of ${rows.length} tasks`, table(rows)]
}

/** Whether a model mended the plan before or made a new one, and whether that is what it was asked for. */
function replanned({ replan }: PlanVersion): string {
  if (!replan) return ''
  const words = { repair: 'a repair of the plan before', new: 'a new plan' }
  const asked = replan.wanted === replan.made ? '' : `; asked for was ${words[replan.wanted]}`
  return style.dim(` (${words[replan.made]}${asked})`)
}

function versionText(version: PlanVersion): string {
  const { plan, source, evidence, unsupported, attempts } = version
  const { statement, cause, service, confidence } = plan.hypothesis
  const about = style.dim(`(${cause}${service ? ` at ${service}` : ''}, confidence ${confidence.toFixed(2)})`)
  return [
    `${style.title(`Plan ${plan.plan_version}`)} by ${source}: ${plan.root_goal}${replanned(version)}`,
    ...(attempts.length > 0 ? [style.title('Models asked'), ...attemptLines(attempts)] : []),
    `${style.title('Hypothesis')} ${statement} ${about}`,
    style.title(evidence.length > 0 ? 'Evidence' : 'No evidence'),
    ...list(evidence),
    ...(unsupported.length > 0 ? [style.title('Said without evidence'), ...list(unsupported)] : []),
    ...judgement(version),
    ...tasks(version)
  ].join('\n')
}

/** Each plan that was proposed: by whom, after which questions to models, on what grounds, what the validator said, what differs from the plan before. */
export const plansText = (versions: readonly PlanVersion[]): string =>
  printable(versions.length > 0 ? versions.map(versionText).join('\n\n') : 'Nobody has proposed a plan yet.')
