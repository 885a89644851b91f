// Alerts for tests: as Alertmanager posts them, and as the gateway knows them.
import type { Alert, AlertmanagerAlert, AlertmanagerWebhook } from '@triage/contracts'

/** A message of version 4; each alert is one of catalog that fires, changed as told. */
export function webhookOf(alerts: object[]): AlertmanagerWebhook {
  const alert = {
    status: 'firing',
    labels: { alertname: 'TargetDown', service: 'catalog' },
    annotations: {},
    startsAt: '2026-01-01T12:00:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph',
    fingerprint: 'a1'
  }
  return {
    version: '4',
    groupKey: '{}:{service="catalog"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'gateway',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts: alerts.map((change) => ({ ...alert, ...change }) as AlertmanagerAlert)
  }
}

export const starts = '2026-01-01T12:00:00.000Z'

export const alertOf = (fingerprint: string, service?: string, change: Partial<Alert> = {}): Alert => ({
  fingerprint,
  status: 'firing',
  name: 'TargetDown',
  ...(service && { service }),
  starts_at: starts,
  ...change
})
