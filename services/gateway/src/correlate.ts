// Which incident an alert belongs to. Pure.
//
// Invariants
// 1. An alert that an incident holds goes to that incident, until it fires anew after the incident's end.
// 2. A resolved alert never opens an incident.
// 3. Whatever comes, alerts keep a bounded number of incidents open.
import { type Alert, type Inventory, limits } from '@triage/contracts'
import { type IncidentState, inventoryOf, isNews, joinAlerts } from '@triage/incident'
import { type Topology, topologyOf } from '@triage/rulebook/topology'

interface Correlation {
  /** By incident, what it is to be told. */
  joins: Map<string, Alert[]>
  /** What becomes an incident, one for all: they came in the same message. */
  opens: Alert[]
  /** Resolved, and nobody knew that they fired. */
  unknown: Alert[]
}

/** @param incidents those that are open and the last that ended, oldest first */
export function correlate(alerts: readonly Alert[], incidents: readonly IncidentState[]): Correlation {
  const scene = sceneOf(incidents)
  const found: Correlation = { joins: new Map(), opens: [], unknown: [] }
  // Of one fingerprint the last word counts.
  for (const alert of Object.values(joinAlerts({}, alerts))) {
    const home = homeOf(alert, incidents)
    if (home && !isNews(home.alerts[alert.fingerprint], alert)) continue
    if (home && (!home.end || alert.status === 'resolved')) join(found, home.id, alert)
    else if (alert.status === 'resolved') found.unknown.push(alert)
    else place(found, alert, scene)
  }
  return found
}

interface Scene {
  /** Open incidents that have room, oldest first. */
  open: Open[]
  topology: Topology | null
}

interface Open {
  id: string
  /** What it is about. */
  services: ReadonlySet<string>
  byAlerts: boolean
  /** The monitor has looked: a cause that shows is among the services. */
  seen: boolean
}

function sceneOf(incidents: readonly IncidentState[]): Scene {
  const inventories = incidents.map(inventoryOf).filter((inventory) => inventory !== null)
  const newest = inventories.reduce<Inventory | null>((a, b) => (a && a.taken_at >= b.taken_at ? a : b), null)
  const open = incidents.filter(({ report, end, alerts }) => report && !end && Object.keys(alerts).length < limits.alerts_per_incident)
  return {
    open: open.map((state) => ({
      id: state.id,
      services: servicesOf(state),
      byAlerts: state.report?.alerts !== undefined,
      seen: inventoryOf(state) !== null
    })),
    topology: newest && topologyOf(newest)
  }
}

/** What an incident is about: the services that were reported, seen ill, or suspected. */
function servicesOf({ report, alerts, observed, plans }: IncidentState): ReadonlySet<string> {
  const seen = observed.flatMap(({ observations }) => observations).filter(({ kind }) => kind === 'state' || kind === 'probe_failure')
  const named = [report, ...Object.values(alerts), ...seen, ...plans.map(({ plan }) => plan.hypothesis)].map((one) => one?.service)
  return new Set(named.filter((service) => service !== undefined))
}

/** The incident that holds the alert: an open one before one that ended, the newest before others. */
function homeOf({ fingerprint }: Alert, incidents: readonly IncidentState[]): IncidentState | undefined {
  const homes = incidents.filter(({ alerts }) => Object.hasOwn(alerts, fingerprint))
  return homes.findLast(({ end }) => !end) ?? homes.at(-1)
}

function join({ joins }: Correlation, id: string, alert: Alert): void {
  joins.set(id, [...(joins.get(id) ?? []), alert])
}

/** An alert that no incident holds: to one about the same service, or about one with which it may have its cause in common; else a new one. */
function place(found: Correlation, alert: Alert, { open, topology }: Scene): void {
  const { service } = alert
  const same = open.find(({ services }) => service !== undefined && services.has(service))
  const related = open.find((incident) => service !== undefined && topology && isRelated(service, incident, topology))
  const byAlerts = open.filter((incident) => incident.byAlerts)
  // Until somebody has seen what depends on what, and when there are many, what comes at once is taken for one.
  const crowded = !topology || byAlerts.length >= limits.alert_incidents ? byAlerts.at(-1) : undefined
  const target = same ?? related ?? crowded
  if (target) join(found, target.id, alert)
  else found.opens.push(alert)
}

/** One needs the other; or, until the monitor has looked, both need what may have failed them both. */
function isRelated(service: string, { services, seen }: Open, { dependenciesOf, dependentsOf }: Topology): boolean {
  const needed = dependenciesOf(service)
  if (!services.isDisjointFrom(needed) || !services.isDisjointFrom(dependentsOf(service))) return true
  return !seen && [...services].some((other) => !needed.isDisjointFrom(dependenciesOf(other)))
}
