import type { FactType, PayloadByType } from '@triage/contracts'

/** A verified fact of an incident. */
export type Fact = {
  [T in FactType]: {
    type: T
    /** Message id: a function of what it says. */
    id: string
    incident_id: string
    /** Role that said it. */
    issuer: string
    /** When it was said, milliseconds since the epoch. */
    at: number
    payload: PayloadByType[T]
  }
}[FactType]
