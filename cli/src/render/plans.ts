import type { Task } from '@triage/contracts'
import { clarifyingTask } from '@triage/incident'
import type { PlanVersion } from '../plan-versions.ts'
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

function versionText(version: PlanVersion): string {
  const { plan, source, evidence } = version
  const { statement, cause, service, confidence } = plan.hypothesis
  const about = style.dim(`(${cause}${service ? ` at ${service}` : ''}, confidence ${confidence.toFixed(2)})`)
  return [
    `${style.title(`Plan ${plan.plan_version}`)} by ${source}: ${plan.root_goal}`,
    `${style.title('Hypothesis')} ${statement} ${about}`,
    style.title(evidence.length > 0 ? 'Evidence' : 'No evidence'),
    ...list(evidence),
    ...judgement(version),
    ...tasks(version)
  ].join('\n')
}

/** Each plan that was proposed: by whom, on what grounds, what the validator said, what differs from the plan before. */
export const plansText = (versions: readonly PlanVersion[]): string =>
  printable(versions.length > 0 ? versions.map(versionText).join('\n\n') : 'Nobody has proposed a plan yet.')
