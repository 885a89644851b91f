import type { JetStreamClient } from '@nats-io/jetstream'
import { streams } from '@triage/contracts'
import { isConflict, toBusError } from './bus-error.ts'
import type { LeaseStore, Stored } from './port.ts'

/** Leases, named by their subjects: each is the newest message there, in a stream that forgets: the sequence number is the revision. */
export class NatsLeaseStore implements LeaseStore {
  readonly ttlMs = streams.LEASES.max_age_ms!
  readonly #js: JetStreamClient
  readonly #last: (subject: string) => Promise<Stored | null>

  constructor(js: JetStreamClient, last: (subject: string) => Promise<Stored | null>) {
    this.#js = js
    this.#last = last
  }

  async read(name: string): Promise<{ value: string; revision: number } | null> {
    const entry = await this.#last(name)
    return entry && { value: new TextDecoder().decode(entry.body), revision: entry.seq }
  }

  async write(name: string, value: string, revision: number): Promise<number | null> {
    try {
      const ack = await this.#js.publish(name, value, { expect: { lastSubjectSequence: revision } })
      return ack.seq
    } catch (error) {
      return isConflict(error) ? null : toBusError(error)
    }
  }

  async remove(name: string, revision: number): Promise<void> {
    await this.write(name, '', revision)
  }
}
