import type { DecisionTag, FactType, PayloadByType } from '@triage/contracts'

/** A fact that a role has decided to say. */
export type Draft = {
  [T in FactType]: {
    type: T
    /** What makes this statement another one than the last of its type, e.g. plan version and attempt. */
    key: string
    payload: PayloadByType[T]
    plan_version?: number
    decision_tag?: DecisionTag
  }
}[FactType]

/** A function of what is said, so that deciding twice is saying once. */
export const factMessageId = (incidentId: string, draft: Pick<Draft, 'type' | 'key'>): string =>
  `${incidentId}:${draft.type.replace(/^incident\.|\.v\d+$/g, '')}:${draft.key}`
