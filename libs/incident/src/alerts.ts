// The alerts of an incident: what each said last. Folding is a join, so that neither order nor repetition matters: a later start
// is a new firing, and of one firing `resolved` is the last word.
import type { Alert } from '@triage/contracts'

/** The alerts of an incident by fingerprint. */
export type Alerts = Readonly<Record<string, Alert>>

/** Whether `alert` tells more than what is known of its fingerprint. */
export function isNews(known: Alert | undefined, alert: Alert): boolean {
  if (!known) return true
  const [before, now] = [Date.parse(known.starts_at), Date.parse(alert.starts_at)]
  return now > before || (now === before && known.status === 'firing' && alert.status === 'resolved')
}

export function joinAlerts(alerts: Alerts, more: readonly Alert[] = []): Alerts {
  const joined = { ...alerts }
  for (const alert of more) if (isNews(joined[alert.fingerprint], alert)) joined[alert.fingerprint] = alert
  return joined
}

export const firing = (alerts: Alerts): Alert[] => Object.values(alerts).filter(({ status }) => status === 'firing')
