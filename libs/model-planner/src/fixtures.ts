// Test data: what a planner knows of faults in a small shop.
import type { Inventory, Observation } from '@triage/contracts'
import { loadRulebook } from '@triage/rulebook'
import { complaint, containerFaults, drift, exited, faults, probe, rulebookFolder, shop, workload } from '../../rulebook/src/fixtures.ts'
import type { Briefing } from './briefing.ts'
import type { PlanContext } from './plan-of.ts'
import { buildPrompt, type Prompt } from './prompt.ts'

export const rulebook = await loadRulebook(rulebookFolder)
export { complaint, containerFaults, drift, exited, faults, probe, shop }

export const briefing = (observations: readonly Observation[], more: Partial<Briefing> = {}): Briefing => ({
  incident: { text: 'customers cannot check out', opened_at: '2025-11-21T05:00:10.000Z' },
  observations,
  inventory: shop('batch-job'),
  rulebook,
  asked: null,
  mayAsk: true,
  tried: [],
  effectiveness: [],
  runbooks: [],
  before: null,
  ...more
})

export const contextOf = (briefed: Briefing, more: Partial<PlanContext> = {}): PlanContext & { prompt: Prompt } => {
  const prompt = buildPrompt(briefed, 6000, { reasoning: false })
  return {
    incident_id: 'inc-20251121-1',
    plan_version: 1,
    created_at: '2025-11-21T05:00:20.000Z',
    briefing: briefed,
    offer: prompt.offer,
    prompt,
    policy: () => ({ verdict: 'permit', why: '' }),
    ...more
  }
}

/** The short name of the first observation of a kind at a service. */
export const alias = ({ offer }: PlanContext, service: string, kind: Observation['kind']): string =>
  offer.evidence.find(({ observation }) => observation.service === service && observation.kind === kind)!.alias

/** Two hundred services in chains of ten, of which a hundred are ill, and ten thousand observations. */
export function crowd(): { inventory: Inventory; observations: Observation[] } {
  const name = (i: number): string => `service-${String(i).padStart(3, '0')}`
  const services = Array.from({ length: 200 }, (_, i) => workload(name(i), 'service', ...(i % 10 === 9 ? [] : [name(i + 1)])))
  const observations = Array.from({ length: 10_000 }, (_, i) => {
    const service = name(i % 100)
    const seen = i % 3 === 0 ? probe(service, 'ready', 'status') : i % 3 === 1 ? exited(service) : drift(service, 'a.b')
    return { ...seen, observation_id: `obs-t-r0-${i}` }
  })
  return { inventory: { ...shop(), services }, observations }
}
