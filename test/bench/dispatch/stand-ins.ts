import { Outbox } from '@triage/actor'
import type { Bus } from '@triage/bus'
import type { Observed, Role } from '@triage/contracts'
import { Sealer } from '@triage/envelope'
import type { Draft, Fact } from '@triage/incident'
import type { Keyring } from '@triage/keyring'

const stoodIn = ['gateway', 'monitor', 'log-agent', 'metric-agent', 'action-agent'] as const satisfies Role[]
const agents = ['log-agent', 'metric-agent', 'action-agent'] as const satisfies Role[]

/** Says what the rest of the swarm said in a recorded incident, with their keys, so that the real planner and scheduler decide. */
export class StandIns implements AsyncDisposable {
  readonly #outboxes: Map<string, Outbox>
  readonly #keys: Keyring
  readonly #opened: Draft
  readonly #observed: Observed[]
  readonly #pulse: NodeJS.Timeout

  private constructor(outboxes: Map<string, Outbox>, keys: Keyring, recording: readonly Fact[]) {
    this.#outboxes = outboxes
    this.#keys = keys
    const opened = recording.find((fact) => fact.type === 'incident.opened.v1')!
    this.#opened = { type: opened.type, key: 'opened', payload: opened.payload }
    const observed = recording.flatMap((fact) => (fact.type === 'incident.observed.v1' && fact.payload.round === 0 ? [fact.payload] : []))
    this.#observed = observed.toSorted((a, b) => Number(a.collector === 'monitor') - Number(b.collector === 'monitor'))
    this.#beat()
    // An agent that is not heard would lose its tasks.
    this.#pulse = setInterval(() => this.#beat(), 1_000)
  }

  static async open(bus: Bus, keys: Keyring, recording: readonly Fact[]): Promise<StandIns> {
    const outboxes = await Promise.all(
      stoodIn.map(async (role) => [role, new Outbox(new Sealer(role, await bus.nextEpoch(role), keys), bus)] as const)
    )
    return new StandIns(new Map(outboxes), keys, recording)
  }

  /** Everything that is said before the monitor says what it sees. */
  async prepare(incident: string): Promise<void> {
    await this.#say('gateway', incident, this.#opened)
    for (const payload of this.#observed.slice(0, -1)) await this.#observe(incident, payload)
  }

  /** The monitor says what it sees: now a plan can be made. */
  observe(incident: string): Promise<void> {
    return this.#observe(incident, this.#observed.at(-1)!)
  }

  /** Ends the incident, so that nobody waits for its tasks. */
  end(incident: string): Promise<void> {
    const payload = { reason: 'no_fault_found', summary: 'The replay of this incident is over.' } as const
    return this.#say('monitor', incident, { type: 'incident.cancelled.v1', key: 'end', payload })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pulse)
  }

  #observe(incident: string, payload: Observed): Promise<void> {
    return this.#say(payload.collector, incident, { type: 'incident.observed.v1', key: `0:${payload.collector}`, payload })
  }

  async #say(role: string, incident: string, draft: Draft): Promise<void> {
    await this.#outboxes.get(role)!.fact(incident, draft)
  }

  #beat(): void {
    const started_at = new Date().toISOString()
    const keys = this.#keys.held
    for (const role of agents)
      this.#outboxes
        .get(role)!
        .heartbeat({ role, instance: '1', pid: process.pid, started_at, ready: true, in_flight: 0, rss_bytes: 0, refused: 0, keys })
  }
}
