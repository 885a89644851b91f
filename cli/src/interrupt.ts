/** Aborts at the first Ctrl-C or SIGTERM, which then end the process by its own clean-up; a second one is not needed. */
export function untilInterrupted(): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort(new Interrupted(signal)))
  return controller
}

export class Interrupted extends Error {
  readonly signal: NodeJS.Signals

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }
}
