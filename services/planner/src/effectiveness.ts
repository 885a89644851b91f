import { actions, isActionType } from '@triage/contracts'
import type { IncidentState } from '@triage/incident'

/** How often an action was in the plan that ended an incident of a cause, of how many times it was carried out for it. */
export interface Effectiveness {
  type: string
  cause: string
  ended: number
  of: number
}

/** Of incidents that have ended; the last plan of one that recovered is what ended it. */
export function effectivenessOf(incidents: readonly IncidentState[]): Effectiveness[] {
  const found = new Map<string, Effectiveness>()
  for (const { end, plans } of incidents.filter((state) => state.end))
    for (const { plan, tasks } of plans)
      for (const { task_id, type } of plan.tasks) {
        if (!isActionType(type) || actions[type].risk === 'read' || tasks[task_id]?.status !== 'succeeded') continue
        const { cause } = plan.hypothesis
        const key = `${type} ${cause}`
        const one = found.get(key) ?? { type, cause, ended: 0, of: 0 }
        const ended = end?.kind === 'recovered' && plan === plans.at(-1)!.plan
        found.set(key, { ...one, ended: one.ended + Number(ended), of: one.of + 1 })
      }
  return [...found.values()]
}
