import type { Bus, Stored, Subscription } from '@triage/bus'

/** The durable steps from what the monitor saw to the tasks that are handed out, by the last word of their subjects. */
export const steps = ['observed', 'proposed', 'accepted', 'dispatched'] as const
export type Step = (typeof steps)[number]

const stepOf: Record<string, Step> = { 'plan-proposed': 'proposed', 'plan-accepted': 'accepted', 'tasks-dispatched': 'dispatched' }

/** Sees the steps of one incident at a time go by. */
export class Watcher implements AsyncDisposable {
  #incident = ''
  #seen: Partial<Record<Step, Stored>> = {}
  #complete: (seen: Record<Step, Stored>) => void = () => {}
  #subscription: Subscription | null = null

  static async open(bus: Bus): Promise<Watcher> {
    const watcher = new Watcher()
    watcher.#subscription = await bus.follow('INCIDENTS', { consumer: null }, async (message) => watcher.#see(message))
    return watcher
  }

  /** Resolves when all steps of the incident were seen; `observed` is the last one before a plan was proposed. */
  all(incident: string): Promise<Record<Step, Stored>> {
    const { promise, resolve } = Promise.withResolvers<Record<Step, Stored>>()
    this.#incident = incident
    this.#seen = {}
    this.#complete = resolve
    return promise
  }

  #see(message: Stored): void {
    const [, incident, fact = ''] = message.subject.split('.')
    const step = fact === 'observed' ? 'observed' : stepOf[fact]
    if (incident !== this.#incident || !step) return
    this.#seen[step] = message
    if (step === 'dispatched') this.#complete(this.#seen as Record<Step, Stored>)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subscription?.stop()
  }
}
