import type { PlanProposed } from '@triage/contracts'
import type { Replayed } from '../replay.ts'
import { printable, style } from './style.ts'

const planOf = ({ source, plan }: PlanProposed): string => `${source} ${style.dim(plan.plan_id)}`

/** What of a proposal came out otherwise. */
function differing({ recorded, now }: Replayed): string[] {
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(now)])] as (keyof PlanProposed)[]
  return keys.filter((key) => JSON.stringify(recorded[key]) !== JSON.stringify(now[key]))
}

/** Why a model had no answer now, when it had one then. */
const misses = ({ recorded, now }: Replayed): string[] =>
  (now.attempts ?? []).flatMap(({ model, outcome, errors }, i) =>
    outcome === 'failed' && recorded.attempts?.[i]?.outcome !== 'failed'
      ? [`    ${model}`, ...errors.flatMap(({ code, message }) => `${code} ${message}`.split('\n').map((line) => `      ${line}`))]
      : []
  )

/** One proposal: whether it came out as it was, and what did not. */
export function replayedText(replayed: Replayed): string {
  const { incident_id, recorded, now, same } = replayed
  const about = `${incident_id}  plan ${recorded.plan.plan_version}  ${planOf(recorded)}`
  if (same) return printable(`${style.good('✓')} ${about}`)
  const plan = recorded.plan.plan_id === now.plan.plan_id ? '' : `, now ${planOf(now)}`
  return printable(
    [`${style.bad('✗')} ${about}${plan}`, `    differs in ${differing(replayed).join(', ')}`, ...misses(replayed)].join('\n')
  )
}
