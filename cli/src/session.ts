// An operator's connection to a running swarm.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type TrustedKeys, trustedKeys } from '@triage/audit-verify'
import type { Delivery, Stored } from '@triage/bus'
import { type Bus, connectNats } from '@triage/bus'
import { seedPath, type User } from '@triage/bus/server'
import { subjectOf, TriageError } from '@triage/contracts'
import { openMessage, type ReceivedMessage, ReplayGuard, Sealer } from '@triage/envelope'
import { type Draft, type Fact, factMessageId, fold, type IncidentState, initialState } from '@triage/incident'
import { type Keyring, openKeyring } from '@triage/keyring'
import { factOf } from './fact-of.ts'
import { readSwarmFile, type SwarmFile } from './launcher/swarm-file.ts'

const connectAs = (user: User, { nats_url, nkeys, bus_ca }: SwarmFile): Promise<Bus> =>
  connectNats({
    url: nats_url,
    user,
    nkey: seedPath(nkeys, user),
    ...(bus_ca && { tls: { ca: bus_ca } }),
    instance: String(process.pid),
    connectTimeoutMs: 3_000
  })

/** An incident as the log tells it. */
export interface Story {
  state: IncidentState
  facts: Fact[]
}

export class Session implements AsyncDisposable {
  readonly bus: Bus
  readonly swarm: SwarmFile
  /** What the audit log is checked with. */
  readonly auditKeys: TrustedKeys
  readonly #keys: Keyring
  #replay = new ReplayGuard()

  private constructor(bus: Bus, swarm: SwarmFile, keys: Keyring) {
    this.bus = bus
    this.swarm = swarm
    this.#keys = keys
    this.auditKeys = trustedKeys(readFileSync(swarm.audit_keys, 'utf8'))
  }

  /** Throws E_NOT_UP when no swarm runs on the data folder. */
  static async open(data: string): Promise<Session> {
    const swarm = await readSwarmFile(data)
    return new Session(await connectAs('operator', swarm), swarm, openKeyring(swarm.keys))
  }

  /** The fact that a stored message carries; null when its signature does not hold. */
  fact(stored: Stored): Fact | null {
    try {
      const message = openMessage(stored.body, stored.header, {
        subject: stored.subject,
        keys: this.#keys,
        audiences: ['swarm'],
        replay: this.#replay,
        now: stored.at,
        position: stored.seq
      })
      return factOf(message)
    } catch {
      return null
    }
  }

  /** What an answer to the operator says. Throws as `openMessage` does. */
  openAnswer({ subject, body, header }: Delivery): ReceivedMessage {
    return openMessage(body, header, { subject, keys: this.#keys, audiences: ['operator'], replay: new ReplayGuard(), now: Date.now() })
  }

  /** Every fact on record, in order. */
  async facts(): Promise<Fact[]> {
    const facts: Fact[] = []
    for await (const message of this.bus.history('INCIDENTS')) {
      const fact = this.fact(message)
      if (fact) facts.push(fact)
    }
    this.#replay = new ReplayGuard()
    return facts
  }

  /** Every incident on record, oldest first. */
  async stories(): Promise<Map<string, Story>> {
    const stories = new Map<string, Story>()
    for (const fact of await this.facts()) {
      const story = stories.get(fact.incident_id) ?? { state: initialState(fact.incident_id), facts: [] }
      stories.set(fact.incident_id, { state: fold(story.state, fact), facts: [...story.facts, fact] })
    }
    return stories
  }

  /** Throws E_NO_INCIDENT. `last` names the newest. */
  async story(id: string): Promise<Story> {
    const stories = await this.stories()
    const story = id === 'last' ? [...stories.values()].at(-1) : stories.get(id)
    if (!story) throw new TriageError('E_NO_INCIDENT', `there is no incident ${id}`)
    return story
  }

  /** Publishes a report as any reporter would, who may do nothing else on the bus. Returns its place in INTAKE. */
  async report(text: string | Uint8Array): Promise<number> {
    const body = typeof text === 'string' ? new TextEncoder().encode(text) : text
    const reporter = await connectAs('reporter', this.swarm)
    try {
      return (await reporter.append('incident.report', body, {}, { id: `report:${randomUUID()}` })).seq
    } finally {
      await reporter.close()
    }
  }

  /** Calls `seen` for each fact from now on (and before, with `from`), until it returns true for one; null when aborted. Throws E_TIMEOUT. */
  async until(
    seen: (fact: Fact) => boolean | Promise<boolean>,
    { from, timeoutMs, signal }: { from: number; timeoutMs?: number; signal?: AbortSignal }
  ): Promise<Fact | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Fact | null>()
    const timer = timeoutMs
      ? setTimeout(() => reject(new TriageError('E_TIMEOUT', `nothing came of it in ${timeoutMs / 1000} s`)), timeoutMs)
      : undefined
    signal?.addEventListener('abort', () => resolve(null))
    const following = await this.bus.follow('INCIDENTS', { consumer: null, from }, async (message) => {
      const fact = this.fact(message)
      if (fact && (await seen(fact))) resolve(fact)
    })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      await following.stop()
    }
  }

  /** Says a fact as the operator who decides it. */
  async say(incidentId: string, { type, key, payload, plan_version }: Draft): Promise<void> {
    const sealer = await this.sealer()
    const id = factMessageId(incidentId, { type, key })
    const subject = subjectOf(type, { incident_id: incidentId })
    const about = { incident_id: incidentId, plan_version, decision_tag: 'HUMAN_DECISION' as const }
    const { body, headers } = sealer.seal({ id, type, subject, audience: 'swarm', payload, ...about })
    await this.bus.append(subject, body, headers, { id })
  }

  /** A signer for this command's messages, with a boot counter of its own. */
  async sealer(): Promise<Sealer> {
    return new Sealer('operator', await this.bus.nextEpoch('operator'), this.#keys)
  }

  get keys(): Keyring {
    return this.#keys
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close()
  }
}
