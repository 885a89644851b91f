import { type Alert, type IncidentReport, limits } from '@triage/contracts'

const ranks = ['low', 'medium', 'high', 'critical'] as const

const sentence = ({ name, service, status, summary }: Alert): string =>
  `${name}${service ? ` of ${service}` : ''} ${status === 'firing' ? 'fires' : 'is resolved'}${summary ? `: ${summary}` : ''}`

/** Alerts as a report: a line each, the service when all name the same one, the worst severity. */
export function reportOf(alerts: readonly Alert[]): IncidentReport {
  const services = new Set(alerts.map(({ service }) => service))
  const [service] = services.size === 1 ? services : []
  const severity = ranks.findLast((rank) => alerts.some((alert) => alert.severity === rank))
  return {
    text: alerts.map(sentence).join('\n').slice(0, limits.report_text_chars),
    ...(service && { service }),
    ...(severity && { severity }),
    reporter: 'alertmanager',
    alerts: [...alerts]
  }
}
