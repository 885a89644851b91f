// For tests: an incident as those tell it who are not the planner.
import type { Actor } from '@triage/actor'
import type { TestSwarm } from '@triage/actor/testing'
import { type ActionType, actions, type Collector, type Inventory, type Observation } from '@triage/contracts'
import type { Draft } from '@triage/incident'

const at = '2026-01-01T12:00:00.000Z'

const inventory: Inventory = {
  runtime: 'process',
  taken_at: at,
  services: ['orders', 'storefront'].map((name) => ({
    name,
    kind: 'service',
    managed: true,
    depends_on: name === 'storefront' ? ['orders'] : [],
    probes: [],
    desired_replicas: 1,
    status: name === 'orders' ? 'exited' : 'running',
    actions: (Object.keys(actions) as ActionType[]).filter((type) => actions[type].kinds.includes('service'))
  }))
}
export const exited: Observation = {
  observation_id: 'obs-mo-r0-state-orders-1',
  kind: 'state',
  service: 'orders',
  at,
  summary: 'orders is exited after SIGKILL',
  attributes: { status: 'exited', desired: 'running', exit_signal: 'SIGKILL' }
}
const unready: Observation = {
  observation_id: 'obs-mo-r0-probe-failure-storefront-1',
  kind: 'probe_failure',
  service: 'storefront',
  at,
  summary: 'probe ready of storefront fails: status 503',
  attributes: { probe: 'ready', failure: 'status', http_status: 503, consecutive: 2 }
}

type Speakers = Record<'gateway' | 'scheduler' | Collector, Actor>

export async function collectorsOf(swarm: TestSwarm): Promise<Speakers> {
  const roles = ['gateway', 'scheduler', 'monitor', 'log-agent', 'metric-agent'] as const
  return Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await swarm.actor(role)]))) as Speakers
}

const observed = (round: number, collector: Collector, observations: Observation[]): Draft => ({
  type: 'incident.observed.v1',
  key: `${round}:${collector}`,
  payload: { round, collector, observations, omitted: 0, took_ms: 5, ...(collector === 'monitor' && { inventory }) }
})

/** Each collector says what it saw. @param logged what the log agent saw */
export async function look(speakers: Speakers, id: string, round = 0, logged: Observation[] = []): Promise<void> {
  await speakers.monitor.outbox.fact(id, observed(round, 'monitor', [exited, unready]))
  await speakers['log-agent'].outbox.fact(id, observed(round, 'log-agent', logged))
  await speakers['metric-agent'].outbox.fact(id, observed(round, 'metric-agent', []))
}

/** An incident is opened, and each collector says what it saw. */
export async function tell(speakers: Speakers, id: string, text = 'checkout is down', logged: Observation[] = []): Promise<void> {
  const report = { text, truncated: false, sha256: 'a'.repeat(64), bytes: text.length, intake_seq: 1, received_at: at }
  await speakers.gateway.outbox.fact(id, { type: 'incident.opened.v1', key: '1', payload: { report } })
  await look(speakers, id, 0, logged)
}
