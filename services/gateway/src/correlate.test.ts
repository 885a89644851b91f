import { type Alert, type Inventory, limits, type ReceivedReport } from '@triage/contracts'
import { type Alerts, type IncidentState, initialState } from '@triage/incident'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { correlate } from './correlate.ts'
import { alertOf, starts } from './test-alerts.ts'

const needs: Record<string, string[]> = {
  storefront: ['catalog', 'orders'],
  catalog: ['postgres', 'redis'],
  orders: ['postgres', 'queue'],
  mailer: [],
  postgres: [],
  redis: [],
  queue: []
}
const inventory: Inventory = {
  runtime: 'docker',
  taken_at: starts,
  services: Object.entries(needs).map(([name, depends_on]) => ({
    name,
    kind: 'service',
    managed: true,
    depends_on,
    probes: [],
    desired_replicas: 1,
    status: 'running',
    actions: []
  }))
}
const holding = (alerts: readonly Alert[]): Alerts => Object.fromEntries(alerts.map((alert) => [alert.fingerprint, alert]))

interface Story {
  /** Alerts that it holds; it was opened by them. */
  alerts?: Alert[]
  service?: string
  ended?: boolean
  unseen?: boolean
}
function incident(id: string, { alerts, service, ended, unseen }: Story): IncidentState {
  const report: ReceivedReport = { text: 'x', truncated: false, sha256: 'a'.repeat(64), bytes: 1, intake_seq: 1, received_at: starts }
  return {
    ...initialState(id),
    report: { ...report, ...(service && { service }), ...(alerts && { alerts }) },
    alerts: holding(alerts ?? []),
    observed: unseen ? [] : [{ round: 0, collector: 'monitor', observations: [], omitted: 0, inventory, took_ms: 1 }],
    end: ended ? { kind: 'recovered', reason: 'by_action', summary: '', at: 0 } : null
  }
}
/** Where each alert goes: an incident, `new`, `unknown`, or nowhere because it says nothing new. */
function places(alerts: Alert[], incidents: IncidentState[]): string[] {
  const { joins, opens, unknown } = correlate(alerts, incidents)
  return alerts.map((alert) => {
    const joined = [...joins].find(([, list]) => list.includes(alert))
    return joined?.[0] ?? (opens.includes(alert) ? 'new' : unknown.includes(alert) ? 'unknown' : 'nowhere')
  })
}

test('the first alert opens an incident; what came with it is part of it', () => {
  expect(places([alertOf('a1', 'catalog'), alertOf('b2', 'mailer')], [])).toEqual(['new', 'new'])
})

test('an alert joins the incident that is about its service, one that it needs, or one that needs it; else it opens its own', () => {
  const open = [incident('i1', { alerts: [alertOf('a1', 'catalog')] })]
  const services = ['catalog', 'postgres', 'storefront', 'orders', 'mailer', 'queue']
  expect(services.map((service) => places([alertOf('b2', service)], open)[0])).toEqual(['i1', 'i1', 'i1', 'new', 'new', 'new'])
  expect(places([alertOf('b2')], open)).toEqual(['new'])
})

test('until the monitor has looked, an alert joins also an incident about a service that needs the same; what is seen ill decides from then on', () => {
  const seen = incident('i0', { service: 'mailer' })
  const alerts = [alertOf('a1', 'catalog')]
  expect(places([alertOf('b2', 'orders')], [seen, incident('i1', { alerts, unseen: true })])).toEqual(['i1'])
  expect(places([alertOf('b2', 'mailer')], [incident('i0', { ended: true }), incident('i1', { alerts, unseen: true })])).toEqual(['new'])
  expect(places([alertOf('b2', 'orders')], [seen, incident('i1', { alerts })])).toEqual(['new'])
})

test('an incident that a person reported is joined, too: by the service named, or the one that is seen ill', () => {
  expect(places([alertOf('b2', 'catalog')], [incident('i1', { service: 'storefront' })])).toEqual(['i1'])
  const seen = incident('i1', {})
  const attributes = { status: 'exited', desired: 'running' } as const
  seen.observed[0]!.observations = [{ observation_id: 'obs-1', kind: 'state', service: 'redis', at: starts, summary: 'exited', attributes }]
  expect(places([alertOf('b2', 'catalog')], [seen])).toEqual(['i1'])
})

test('the same again is nowhere; resolved goes where it fired, also after the end; firing anew it is new', () => {
  const known = alertOf('a1', 'catalog')
  const resolved = { ...known, status: 'resolved' } as const
  const anew = { ...known, starts_at: '2026-01-01T12:30:00.000Z' }
  const story = { alerts: [known] }
  const each = (state: IncidentState): string[] => [known, resolved, anew].flatMap((alert) => places([alert], [state]))
  expect(each(incident('i1', story))).toEqual(['nowhere', 'i1', 'i1'])
  expect(each(incident('i1', { ...story, ended: true }))).toEqual(['nowhere', 'i1', 'new'])
  expect(places([known, resolved, anew], [incident('i1', story)])).toEqual(['nowhere', 'nowhere', 'i1'])
  expect(places([resolved], [])).toEqual(['unknown'])
})

test('until somebody has looked, and when many are open, what comes joins the newest that alerts opened', () => {
  const unseen = [incident('i1', { alerts: [alertOf('a1', 'catalog')], unseen: true }), incident('i2', { service: 'orders', unseen: true })]
  expect(places([alertOf('b2', 'mailer')], unseen)).toEqual(['i1'])
  const many = Array.from({ length: limits.alert_incidents }, (_, i) => incident(`i${i}`, { alerts: [alertOf(`a${i}`, `stranger-${i}`)] }))
  expect(places([alertOf('b2', 'mailer')], many)).toEqual([`i${limits.alert_incidents - 1}`])
  expect(places([alertOf('b2', 'mailer')], many.slice(1))).toEqual(['new'])
})

test('law: however alerts come, each that fires is held by an incident, and few are open', () => {
  const services = [...Object.keys(needs), ...Array.from({ length: 20 }, (_, i) => `stranger-${i}`)]
  const alert = fc.integer({ min: 0, max: 60 }).map((n) => alertOf(n.toString(16), services[n % services.length]))
  fc.assert(
    fc.property(fc.array(fc.array(alert, { minLength: 1, maxLength: 5 }), { maxLength: 40 }), (messages) => {
      let incidents: IncidentState[] = []
      for (const [n, message] of messages.entries()) {
        const { joins, opens } = correlate(message, incidents)
        const hold = (state: IncidentState): IncidentState => ({
          ...state,
          alerts: { ...state.alerts, ...holding(joins.get(state.id) ?? []) }
        })
        incidents = incidents.map(hold).concat(opens.length > 0 ? [incident(`i${n}`, { alerts: opens })] : [])
      }
      expect(incidents.length).toBeLessThanOrEqual(limits.alert_incidents)
      for (const { fingerprint } of messages.flat()) expect(incidents.filter(({ alerts }) => alerts[fingerprint])).toHaveLength(1)
    })
  )
})
