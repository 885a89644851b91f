// Alerts on their way into INTAKE. Those of a moment are kept together, so that ten thousand in a minute are a few hundred messages;
// whoever brought them is answered when they are kept.
import { hash } from 'node:crypto'
import type { Bus } from '@triage/bus'
import { type Alert, limits, TriageError } from '@triage/contracts'
import { reportOf } from './alert-report.ts'

/** How long the first alert of a moment waits for others, in milliseconds. */
const momentMs = 100
/** Alerts that may wait for the bus. */
const mostWaiting = 20_000
/** A moment in which more services are ill than this is a storm: it is told as one. */
const mostServices = 8

const identity = ({ fingerprint, status, starts_at }: Alert): string => `${fingerprint}:${status}:${starts_at}`

/** A message for each service; one for all in a storm; none with more alerts than a report may hold. */
function messages(alerts: readonly Alert[]): Alert[][] {
  const byService = [...Map.groupBy(alerts, ({ service }) => service).values()]
  const groups = byService.length > mostServices ? [[...alerts]] : byService
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / limits.alerts_per_report) }, (_, i) =>
      group.slice(i * limits.alerts_per_report, (i + 1) * limits.alerts_per_report)
    )
  )
}

export class AlertIntake {
  readonly #bus: Pick<Bus, 'append'>
  /** What this moment has brought, each alert once. */
  #moment = new Map<string, Alert>()
  #kept: Promise<void> | null = null
  #waiting = 0

  constructor(bus: Pick<Bus, 'append'>) {
    this.#bus = bus
  }

  /** Resolves when the alerts are in INTAKE. Throws E_WEBHOOK_BUSY, E_BUS_UNREACHABLE: then some may be, and all should come again. */
  add(alerts: readonly Alert[]): Promise<void> {
    if (this.#waiting + this.#moment.size + alerts.length > mostWaiting)
      return Promise.reject(new TriageError('E_WEBHOOK_BUSY', `more than ${mostWaiting} alerts wait for the message bus`))
    for (const alert of alerts) this.#moment.set(identity(alert), alert)
    this.#kept ??= new Promise((resolve) => setTimeout(resolve, momentMs)).then(() => this.#keep())
    return this.#kept
  }

  async #keep(): Promise<void> {
    const alerts = [...this.#moment.values()]
    this.#moment = new Map()
    this.#kept = null
    this.#waiting += alerts.length
    try {
      await Promise.all(messages(alerts).map((group) => this.#append(group)))
    } finally {
      this.#waiting -= alerts.length
    }
  }

  async #append(alerts: Alert[]): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify(reportOf(alerts)))
    // Told again within the stream's window, the same alerts are the same message.
    await this.#bus.append('incident.report', body, {}, { id: `alerts:${hash('sha256', body)}` })
  }
}
