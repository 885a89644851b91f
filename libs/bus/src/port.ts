import type { StreamName } from '@triage/contracts'

export type Headers = Record<string, string>

/** A message as it came. */
export interface Delivery {
  subject: string
  body: Uint8Array
  /** The header's value, '' when there is none. */
  header(name: string): string
}

/** A message that a stream holds. */
export interface Stored extends Delivery {
  /** Sequence number in its stream, from 1. */
  seq: number
  /** When the stream took it in, milliseconds since the epoch. */
  at: number
}

export interface Published {
  /** Sequence number in the stream. */
  seq: number
  /** The stream had it already, under the same id. */
  duplicate: boolean
}

/** Handles one message. A message is done when this resolves; throwing leaves it to be delivered again. */
export type Handler = (message: Stored) => Promise<void>

export interface Subscription {
  /** Takes no more messages; resolves when the one under way is done. */
  stop(): Promise<void>
}

export interface AppendOptions {
  /** Names what is said: a second append with the same id is a duplicate, not a new message. */
  id: string
  /** Last sequence number of the subject; 0: nothing was said on it. Throws E_BUS_CONFLICT when it is another. */
  lastSubjectSeq?: number
  /** Last sequence number of the stream. Throws E_BUS_CONFLICT when it is another. */
  lastSeq?: number
}

export interface WorkHandlers {
  handle: Handler
  /** Told when a message was delivered too often; it is taken off the queue after this resolves. */
  poisoned: Handler
}

/**
 * What a process of the swarm needs of a message bus. Every call throws E_BUS_UNREACHABLE when the bus does not answer, and
 * E_BUS_FORBIDDEN when the user may not do that.
 */
export interface Bus {
  /** Appends to the stream that keeps the subject, and waits until it is kept. */
  append(subject: string, body: Uint8Array, headers: Headers, options: AppendOptions): Promise<Published>
  /**
   * Everything that a stream holds from `from` on, in order, each once, then what comes. `caughtUp` is called when all
   * that the stream held at the start has been handled. A handler that throws is called again. Without a consumer it is
   * read when its subjects are heard: for those who look on.
   */
  follow(
    stream: StreamName,
    options: { consumer: string | null; from?: number },
    handle: Handler,
    caughtUp?: () => void
  ): Promise<Subscription>
  /** Takes one message at a time off a work queue; it is kept from others while the handler runs. */
  work(stream: StreamName, consumer: string, handlers: WorkHandlers): Promise<Subscription>
  /** What a stream holds now from `from` on, in order. */
  history(stream: StreamName, from?: number): AsyncIterable<Stored>
  /** The last message of a stream, or of one subject of it. */
  last(stream: StreamName, subject?: string): Promise<Stored | null>
  /** The message with that sequence number. */
  get(stream: StreamName, seq: number): Promise<Stored | null>
  /** How many messages a stream holds and the last sequence number. */
  size(stream: StreamName): Promise<{ messages: number; lastSeq: number }>
  /** Takes a message out of a stream that is not append-only and writes over it on disk. One that is gone already is no failure. */
  erase(stream: StreamName, seq: number): Promise<void>
  /** Says something once, to whoever listens now. */
  send(subject: string, body: Uint8Array, headers?: Headers): void
  /** Hears what is said on a subject (wildcards allowed) from now on; may answer. */
  listen(
    subject: string,
    handle: (message: Delivery, reply: string, answer: (body: Uint8Array, headers: Headers) => void) => void
  ): Subscription
  /** Asks and waits for one answer. */
  request(subject: string, body: Uint8Array, headers: Headers, timeoutMs: number): Promise<Delivery>
  /** A number that this role never had before: the boot counter. */
  nextEpoch(role: string): Promise<number>
  /** A small shared map with compare-and-set, whose entries vanish when they are not written again. */
  leases: LeaseStore
  /** Whether the bus can be reached now. */
  connected(): boolean
  close(): Promise<void>
}

export interface LeaseStore {
  /** The entry; its value is '' when it was removed. */
  read(name: string): Promise<{ value: string; revision: number } | null>
  /** Writes if the revision is still the last one (0: no entry). Returns the new revision, or null when somebody else wrote. */
  write(name: string, value: string, revision: number): Promise<number | null>
  remove(name: string, revision: number): Promise<void>
  /** How long an entry lives after it was written, in milliseconds. */
  readonly ttlMs: number
}
