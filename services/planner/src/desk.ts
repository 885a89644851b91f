import type { Actor, Outbox } from '@triage/actor'
import type { IncidentState } from '@triage/incident'

/** What asking models takes of an actor: what is known of incidents, where runs are put on record, a log. */
export interface Desk {
  incidents: { known(): readonly { state: IncidentState }[] }
  outbox: Pick<Outbox, 'record'>
  log: Pick<Actor['log'], 'info' | 'warn'>
}
