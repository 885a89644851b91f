// For tests: a small incident, and a world in which the scheduler speaks.
import { type ErrorReport, type Inventory, limits, type Observation, type Plan, type Task } from '@triage/contracts'
import * as testing from '@triage/contracts/testing'
import { planId } from '@triage/plan'
import { type Draft, type Fact, factMessageId, fold, type IncidentState, initialState, schedule } from './incident.ts'

export const id = 'inc-20260101-1'
export const start = Date.parse('2026-01-01T12:00:00.000Z')
const iso = (ms: number): string => new Date(ms).toISOString()
const inventory: Inventory = {
  runtime: 'process',
  taken_at: iso(start),
  services: [
    {
      name: 'orders',
      kind: 'service',
      managed: true,
      depends_on: [],
      probes: [],
      desired_replicas: 1,
      status: 'exited',
      actions: ['logs.query', 'service.start']
    }
  ]
}
export const observation: Observation = {
  observation_id: 'obs-1',
  kind: 'state',
  service: 'orders',
  at: iso(start),
  summary: 'orders exited',
  attributes: { status: 'exited', desired: 'running' }
}
export const look = (task_id: string, dependencies: string[] = []): Task => testing.look(task_id, { dependencies })
export const act = (task_id: string, dependencies: string[] = []): Task => testing.act(task_id, { dependencies })
export const plan = (tasks: Task[], plan_version = 1, statement = 'orders died'): Plan => {
  const content = {
    incident_id: id,
    plan_version,
    root_goal: 'mend it',
    hypothesis: { cause: 'process_exited', service: 'orders', confidence: 0.9, evidence: ['obs-1'], statement },
    tasks
  }
  return { ...content, plan_id: planId(content), created_at: iso(start) }
}

/** A plan that asks a human. */
export const question = (plan_version = 1): Plan => {
  const { plan_id: _, created_at, ...content } = plan([], plan_version)
  const asking = { ...content, clarifying_tasks: [{ task_id: 'ask', question: 'Was it stopped on purpose?' }] }
  return { ...asking, plan_id: planId(asking), created_at }
}

const approvalOf = (plan_version: number): string => `apr-${String(plan_version).padStart(16, '0')}`
export const signed = { statement: '{}', signature: `${'A'.repeat(86)}==`, key_id: '0123456789abcdef' }

/** A little world: says facts at a moment, folds them, and lets the scheduler speak until it is silent. */
export class World {
  state: IncidentState = initialState(id)
  facts: Fact[] = []
  now = start
  lost = new Set<string>()

  say(draft: Draft, issuer = 'scheduler'): this {
    const fact = { type: draft.type, id: factMessageId(id, draft), incident_id: id, issuer, at: this.now, payload: draft.payload } as Fact
    this.facts.push(fact)
    this.state = fold(this.state, fact)
    return this
  }
  open(): this {
    const report = {
      text: 'orders is down',
      truncated: false,
      sha256: 'a'.repeat(64),
      bytes: 14,
      intake_seq: 1,
      received_at: iso(this.now)
    }
    return this.say({ type: 'incident.opened.v1', key: '1', payload: { report } }, 'gateway')
  }
  observe(collectors: ('monitor' | 'log-agent' | 'metric-agent')[] = ['monitor', 'log-agent', 'metric-agent']): this {
    for (const collector of collectors) {
      const payload = {
        round: this.state.round,
        collector,
        observations: collector === 'monitor' ? [observation] : [],
        omitted: 0,
        took_ms: 1,
        ...(collector === 'monitor' && { inventory })
      }
      this.say({ type: 'incident.observed.v1', key: `${this.state.round}:${collector}`, payload }, collector)
    }
    return this
  }
  propose(candidate: Plan, issuer = 'planner', round = this.state.round): this {
    const payload = { round, source: 'rulebook', plan: candidate, considered: [] }
    return this.say({ type: 'incident.plan-proposed.v1', key: `${candidate.plan_id}:${issuer}`, payload }, issuer)
  }
  /** Fails for good, with a code. */
  fail(task_id: string, code: string): this {
    return this.finish(task_id, 'failed', false, { code, message: 'it may not be done' })
  }
  finish(task_id: string, status: 'succeeded' | 'failed' | 'unknown' = 'succeeded', retryable = true, error?: ErrorReport): this {
    const run = this.state.plans.at(-1)!
    const attempt = run.tasks[task_id]?.attempt ?? 1
    const payload = {
      plan_version: run.plan.plan_version,
      task_id,
      attempt,
      status,
      summary: '',
      observations: [],
      retryable,
      ...(error && { error }),
      started_at: iso(this.now),
      finished_at: iso(this.now)
    }
    return this.say({ type: 'incident.task-finished.v1', key: `${run.plan.plan_version}:${task_id}:${attempt}`, payload }, 'log-agent')
  }
  /** The agent asks for a human's approval, for half an hour. */
  ask(task_id: string): this {
    const { plan } = this.state.plans.at(-1)!
    const task = plan.tasks.find((candidate) => candidate.task_id === task_id) ?? act(task_id)
    const { plan_id, plan_version } = plan
    const more = { plan_id, task, fence: 1, why: 'it matters', policies: ['it-matters'], expires_at: iso(this.now + limits.approval_ms) }
    const payload = { approval_id: approvalOf(plan_version), plan_version, task_id, ...more }
    return this.say({ type: 'incident.approval-requested.v1', key: `${plan_version}:${task_id}`, payload }, 'action-agent')
  }
  grant(task_id: string): this {
    const about = this.#asked(task_id)
    return this.say({ type: 'incident.approval-granted.v1', key: about.approval_id, payload: { ...about, signed } }, 'operator')
  }
  deny(task_id: string): this {
    const about = this.#asked(task_id)
    return this.say({ type: 'incident.approval-denied.v1', key: about.approval_id, payload: { ...about, reason: 'not now' } }, 'operator')
  }
  /** The monitor has found that it is not needed any more. */
  lapse(task_id: string): this {
    const about = this.#asked(task_id)
    const payload = { ...about, window_ms: limits.lapse_window_ms, checks: 30 }
    return this.say({ type: 'incident.approval-lapsed.v1', key: about.approval_id, payload }, 'monitor')
  }
  /** A human wants another plan: the task alone, as they want it. */
  change(task_id: string, wanted: Task = { ...act(task_id), args: {} }): this {
    const about = this.#asked(task_id)
    const payload = { ...about, plan: plan([wanted], about.plan_version + 1, 'a human knows'), signed }
    return this.say({ type: 'incident.approval-changed.v1', key: about.approval_id, payload }, 'operator')
  }
  /** An operator answers what a plan asked. */
  answer(text: string, plan_version = this.state.question!.plan_version): this {
    const payload = { plan_version, task_id: 'ask', answer: text }
    return this.say({ type: 'incident.question-answered.v1', key: `${plan_version}`, payload }, 'operator')
  }
  #asked(task_id: string) {
    const { plan_version } = this.state.plans.at(-1)!.plan
    return { approval_id: approvalOf(plan_version), plan_version, task_id }
  }
  deviate(): this {
    const plan_version = this.state.plans.at(-1)!.plan.plan_version
    return this.say(
      {
        type: 'incident.deviation-detected.v1',
        key: `${plan_version}`,
        payload: { plan_version, reason: 'unhealthy', disagreements: ['orders: ready fails'] }
      },
      'monitor'
    )
  }
  end(): this {
    const payload = { how: 'by_itself' as const, window_ms: limits.verify_window_ms, checks: 6, summary: '' }
    return this.say({ type: 'incident.recovered.v1', key: 'end', payload }, 'monitor')
  }
  run(): this {
    for (let turns = 0; turns < 50; turns++) {
      const { say } = schedule(this.state, this.now, this.lost)
      if (say.length === 0) return this
      for (const draft of say) this.say(draft)
    }
    throw new Error('the scheduler does not come to rest')
  }
  wait(ms: number): this {
    this.now += ms
    return this.run()
  }
  get said(): string[] {
    return this.facts.map((fact) => fact.type.replace(/^incident\.|\.v1$/g, ''))
  }
  task(name: string) {
    return this.state.plans.at(-1)!.tasks[name]!
  }
}
export const running = (tasks: Task[]): World => new World().open().observe().propose(plan(tasks)).run()
