import { type InjectRequest, TriageError } from '@triage/contracts'
import type { RuntimeInjector } from '@triage/runtime'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { faults } from './faults/catalogue.ts'
import type { Fault, FaultContext } from './faults/fault.ts'
import type { Entry, Journal } from './journal.ts'

type Log = { info(fields: object, message: string): void; error(fields: object, message: string): void }
const defaultLeaseS = 600

/** Injects faults and takes each back: when told, when its lease is over, or at the next start. */
export class Injector {
  readonly #runtime: RuntimeInjector
  readonly #netadminImage: string
  readonly #journal: Journal
  readonly #log: Log
  readonly #leases = new Map<string, NodeJS.Timeout>()
  #counter = 0

  /** @param netadminImage what changes networks, where there are containers */
  constructor(runtime: RuntimeInjector, journal: Journal, log: Log, netadminImage = '') {
    this.#runtime = runtime
    this.#netadminImage = netadminImage
    this.#journal = journal
    this.#log = log
  }

  get injections(): readonly Entry[] {
    return this.#journal.entries
  }

  async inject({ fault: name = '', target, seed = 1, lease_s = defaultLeaseS }: InjectRequest): Promise<Entry> {
    const { fault, aim } = this.#choose(name, target)
    const context: FaultContext = { ...this.#at(aim), pick: picker(seed) }
    const undo = await fault.prepare(context)
    // Again: another request may have come first meanwhile. From here to the journal nothing waits.
    this.#refuseOverlap(aim)
    const now = Date.now()
    const injection_id = `${now.toString(36)}-${++this.#counter}`
    const entry: Entry = {
      injection_id,
      fault: name,
      target: aim,
      at: new Date(now).toISOString(),
      ends_at: new Date(now + lease_s * 1000).toISOString(),
      undo
    }
    this.#journal.add(entry)
    try {
      await fault.apply(context, undo)
    } catch (error) {
      await this.undo(entry).catch(() => {})
      throw new TriageError('E_FAULT_FAILED', `${name} on ${aim}: ${(error as Error).message}`, { cause: error })
    }
    this.#leases.set(
      injection_id,
      setTimeout(() => void this.#undoLater(entry), lease_s * 1000)
    )
    this.#log.info({ injection_id, fault: name, target: aim }, 'injected')
    return entry
  }

  #at(target: string): Omit<FaultContext, 'pick'> {
    return { runtime: this.#runtime, target, netadminImage: this.#netadminImage }
  }

  #choose(name: string, target: string | undefined): { fault: Fault; aim: string } {
    const fault = Object.hasOwn(faults, name) ? faults[name]! : undefined
    if (!fault) throw new TriageError('E_FAULT_UNKNOWN', `there is no fault "${name}"; there are ${Object.keys(faults).join(', ')}`)
    if (!fault.runtimes.includes(this.#runtime.kind))
      throw new TriageError(
        'E_FAULT_UNKNOWN',
        `${name} is a fault of the runtime ${fault.runtimes.join(', ')}; this one is ${this.#runtime.kind}`
      )
    const aim = target ?? fault.targets[0]!
    if (!fault.targets.includes(aim))
      throw new TriageError('E_FAULT_UNKNOWN', `${name} cannot be aimed at ${aim}; it can be aimed at ${fault.targets.join(', ')}`)
    this.#refuseOverlap(aim)
    return { fault, aim }
  }

  #refuseOverlap(aim: string): void {
    const rival = this.#journal.entries.find((entry) => entry.target === aim)
    if (rival) throw new TriageError('E_FAULT_OVERLAP', `${rival.fault} is in force on ${aim} until ${rival.ends_at}`)
  }

  async undo(entry: Entry): Promise<void> {
    clearTimeout(this.#leases.get(entry.injection_id))
    await faults[entry.fault]!.undo(this.#at(entry.target), entry.undo).catch(gone)
    this.#journal.remove(entry.injection_id)
    this.#log.info({ injection_id: entry.injection_id, fault: entry.fault, target: entry.target }, 'undone')
  }

  /** Takes everything back, the newest first. What cannot be taken back does not keep the rest in force: it is thrown at the end. */
  async undoAll(): Promise<void> {
    const failures: unknown[] = []
    for (const entry of this.#journal.entries.toReversed()) await this.undo(entry).catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  async #undoLater(entry: Entry): Promise<void> {
    await this.undo(entry).catch((error) =>
      this.#log.error({ err: error, injection_id: entry.injection_id }, 'could not undo; it is tried again at the next start')
    )
  }
}

/** Somebody removed the target, and with it what was done to it. */
function gone(error: unknown): void {
  if (TriageError.from(error).code !== 'E_RUNTIME_UNKNOWN_TARGET') throw error
}

/** Seeded choices: the same seed makes the same ones. */
function picker(seed: number): (n: number) => number {
  const generator = xoroshiro128plus(seed)
  return (n) => uniformInt(generator, 0, n - 1)
}
