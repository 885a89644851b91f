import { type Actor, Reconciler, type Running, type Tracked } from '@triage/actor'
import { Lease, type Subscription } from '@triage/bus'
import { type ActionType, actions, idempotencyKeyOf, type TaskRequest } from '@triage/contracts'
import { type Draft, schedule } from '@triage/incident'
import { Liveness } from './liveness.ts'

const agents = ['log-agent', 'metric-agent', 'action-agent'] as const
/** A command may be taken off the queue this long after its deadline, and is then still refused by nobody but the scheduler. */
const commandGraceMs = 30_000
/** After saying something the fact that comes back wakes us; this is for when it does not. */
const safetyMs = 2_000

/** Carries plans out: decides with the pure `schedule`, says what was decided, hands tasks to the agents. Only the holder of the lease speaks. */
export class Scheduler {
  readonly #actor: Actor
  readonly #questionMs: number
  readonly #liveness = new Liveness(performance.now())
  readonly #reconciler: Reconciler
  readonly #lease: Lease
  /** Commands that this process has handed out since it got the lease. */
  readonly #sent = new Set<string>()

  /** @param questionMs how long a human has to answer a question */
  constructor(actor: Actor, questionMs: number) {
    this.#actor = actor
    this.#questionMs = questionMs
    this.#reconciler = new Reconciler((id) => this.#reconcile(id), actor.log)
    this.#lease = new Lease(actor.bus.leases, 'lease.scheduler', `scheduler-${actor.instance}`, (fence) => this.#leaseChanged(fence))
  }

  async start(): Promise<Running> {
    const { bus, incidents } = this.#actor
    const heartbeats = this.#listen()
    const following = await incidents.follow(({ state }) => this.#reconciler.wake(state.id))
    await this.#lease.start()
    const pulse = setInterval(() => this.#wakeAll(), 1_000)
    return {
      inFlight: () => this.#reconciler.busy,
      stop: async () => {
        clearInterval(pulse)
        await Promise.all([heartbeats.stop(), following.stop(), this.#reconciler.stop()])
        if (bus.connected()) await this.#lease.stop()
      }
    }
  }

  #listen(): Subscription {
    return this.#actor.bus.listen('heartbeat.*.*', (message) => {
      const heard = this.#actor.inbox.signal(message)
      if (heard) this.#liveness.hear(heard.envelope.issuer, performance.now())
    })
  }

  #leaseChanged(fence: number | null): void {
    this.#actor.log.info({ fence }, fence === null ? 'does not hold the lease' : 'holds the lease')
    this.#sent.clear()
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const { state } of this.#actor.incidents.open()) this.#reconciler.wake(state.id)
  }

  async #reconcile(id: string): Promise<number | null> {
    const incident = this.#actor.incidents.get(id)
    const fence = this.#lease.fence()
    if (!incident || fence === null) return null
    await this.#handOut(incident, fence)
    const lost = this.#liveness.lost(agents, performance.now())
    const { say, wakeAt } = schedule(incident.state, Date.now(), lost, this.#questionMs)
    for (const draft of say) await this.#say(incident, draft)
    return say.length > 0 ? Date.now() + safetyMs : wakeAt
  }

  async #say(incident: Tracked, draft: Draft): Promise<void> {
    const { traceparent, cause, state } = incident
    await this.#actor.outbox.fact(state.id, draft, { traceparent, cause })
    this.#actor.log.info({ incident_id: state.id, fact: draft.type, key: draft.key }, 'said')
  }

  /** Commands follow from the state: every dispatched task has one, whoever decided it and whatever died in between. */
  async #handOut({ state, traceparent, cause }: Tracked, fence: number): Promise<void> {
    const run = state.plans.at(-1)
    if (!run || run.finished || state.end) return
    for (const task of run.plan.tasks) {
      const { status, attempt, deadline, approval } = run.tasks[task.task_id]!
      const id = `${state.id}:${run.plan.plan_version}:${task.task_id}:${attempt}`
      if (status !== 'dispatched' || this.#sent.has(id)) continue
      const request: TaskRequest = {
        incident_id: state.id,
        plan_version: run.plan.plan_version,
        plan_id: run.plan.plan_id,
        attempt,
        task,
        idempotency_key: idempotencyKeyOf(state.id, run.plan.plan_version, task),
        deadline: new Date(deadline).toISOString(),
        ...(approval && { approval })
      }
      await this.#actor.outbox.command(task.assigned_to, id, request, fence, actions[task.type as ActionType].timeout_ms + commandGraceMs, {
        traceparent,
        cause
      })
      this.#sent.add(id)
    }
  }
}
