import { type ErrorCode, TriageError } from '@triage/contracts'
import { BrokenCircuitError, type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'

const failuresInARow = 3
const leftAloneMs = 30_000

/** What tells of a server in trouble; a refusal tells of the request. */
const trouble: ReadonlySet<ErrorCode> = new Set([
  'E_MODEL_UNREACHABLE',
  'E_MODEL_TIMEOUT',
  'E_MODEL_SILENT',
  'E_MODEL_TOO_LONG',
  'E_MODEL_BUSY',
  'E_MODEL_ANSWER'
])

/** Leaves a model alone for 30 s after three failures in a row; then one request tries, while others wait for how it goes. */
export class Breaker {
  readonly #id: string
  readonly #circuit: CircuitBreakerPolicy = circuitBreaker(
    // A trial that the caller gave up has shown nothing: the circuit stays open.
    handleWhen((error) => (error instanceof TriageError ? trouble.has(error.code) : this.#circuit.state === CircuitState.HalfOpen)),
    { halfOpenAfter: leftAloneMs, breaker: new ConsecutiveBreaker(failuresInARow) }
  )

  constructor(id: string) {
    this.#id = id
  }

  /** @throws E_MODEL_OPEN; what `work` throws */
  async execute<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#circuit.execute(work)
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error
      throw new TriageError(
        'E_MODEL_OPEN',
        `${this.#id} failed ${failuresInARow} times in a row and is left alone for ${leftAloneMs / 1000} s`
      )
    }
  }
}
