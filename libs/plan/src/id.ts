import { hash } from 'node:crypto'
import type { Plan, PlanId } from '@triage/contracts'

/** JSON with sorted keys: the same content has the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

/** The id of a plan: a hash of all that it says, less when it was said. */
export function planId(plan: Omit<Plan, 'plan_id' | 'created_at'>): PlanId {
  const { plan_id: _, created_at: __, ...content } = plan as Plan
  return `plan-${hash('sha256', canonicalJson(content)).slice(0, 16)}`
}
