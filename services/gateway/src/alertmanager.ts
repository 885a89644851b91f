import { type Alert, type AlertmanagerAlert, type AlertmanagerWebhook, checkSchema, limits, TriageError } from '@triage/contracts'
import { parseStrict } from '@triage/envelope'

/** Labels that may name the service that shows the symptom, the surest first. */
const serviceLabels = ['service', 'app', 'job']
const severities = new Map<string | undefined, NonNullable<Alert['severity']>>([
  ['critical', 'critical'],
  ['page', 'critical'],
  ['high', 'high'],
  ['error', 'high'],
  ['medium', 'medium'],
  ['warning', 'medium'],
  ['low', 'low'],
  ['info', 'low']
])

/** What is read. Alertmanager adds fields without another version; those are let go before the closed schema is applied. */
const messageFields =
  'version groupKey truncatedAlerts status receiver groupLabels commonLabels commonAnnotations externalURL alerts'.split(' ')
const alertFields = 'status labels annotations startsAt endsAt generatorURL fingerprint'.split(' ')

/** An object's fields of these names; what is no object stays as it is. */
function only(fields: readonly string[], value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => fields.includes(name)))
}

function known(value: unknown): unknown {
  const message = only(messageFields, value) as { alerts?: unknown } | null
  if (!Array.isArray(message?.alerts)) return message
  return { ...message, alerts: message.alerts.map((alert) => only(alertFields, alert)) }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return known(parseStrict(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    throw new TriageError('E_WEBHOOK_SCHEMA', `the message cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function check(value: unknown): AlertmanagerWebhook {
  const version = (value as { version?: unknown } | null)?.version
  if (version !== undefined && version !== '4')
    throw new TriageError('E_WEBHOOK_VERSION', `the message has version ${String(version).slice(0, 40)}`)
  const wrong = checkSchema('alertmanager-webhook', value)
  if (wrong) throw new TriageError('E_WEBHOOK_SCHEMA', `the message does not fit: ${wrong}`)
  return value as AlertmanagerWebhook
}

/** One line of text: what rules say goes to people and planners, and is data to both. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
const line = (text: string, most: number): string => text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, most)

function instant(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new TriageError('E_WEBHOOK_SCHEMA', `${text} is no instant`)
  return at.toISOString()
}

function toAlert({ fingerprint, status, labels, annotations, startsAt, endsAt }: AlertmanagerAlert): Alert {
  const service = serviceLabels.map((label) => labels[label]).find((value) => value && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(value))
  const severity = severities.get(labels.severity)
  const summary = annotations.summary ?? annotations.description
  return {
    fingerprint,
    status,
    name: line(labels.alertname || 'alert', 120),
    ...(service && { service }),
    ...(severity && { severity }),
    ...(summary && { summary: line(summary, 200) }),
    starts_at: instant(startsAt),
    ...(status === 'resolved' && { ends_at: instant(endsAt) })
  }
}

/** Reads what Alertmanager posted (version 4). Throws E_WEBHOOK_TOO_LONG, E_WEBHOOK_VERSION or E_WEBHOOK_SCHEMA. */
export function readWebhook(bytes: Uint8Array): Alert[] {
  if (bytes.byteLength > limits.webhook_bytes)
    throw new TriageError('E_WEBHOOK_TOO_LONG', `the message is longer than ${limits.webhook_bytes} bytes`)
  return check(parse(bytes)).alerts.map(toAlert)
}
