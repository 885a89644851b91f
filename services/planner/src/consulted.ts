// What came of asking models. Apart from who asks them, whose code is loaded only where there are any.
import type { Attempt, Replan, Step } from '@triage/model-planner'

export interface Consulted {
  attempts: readonly Attempt[]
  /** Null: the rulebook's turn. wanted: what was asked for after a plan that did not help. */
  accepted: (Extract<Step, { do: 'use' }> & { wanted: Replan | null }) | null
}

export const nobodyAsked: Consulted = { attempts: [], accepted: null }
