import type { Credential } from '../../op-log.ts'
import type { Members } from './members.ts'

/** A request on its way. A check may put the full id in the place of a name, and narrow the query. */
export interface Call {
  members: Members
  /** Image that may change a network; none when empty. */
  netadminImage: string
  credential: Credential
  id: string
  query: URLSearchParams
  /** As it was received. */
  body: Buffer
  /** What is sent in its place: nothing, unless the check says so. */
  send?: Buffer
  /** Exec instances that were created through this proxy, with who did. */
  execs: Map<string, Credential>
  /** Name of the workload that it is about, for the record. */
  target?: string
}
