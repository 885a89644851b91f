import type { ActionType, InventoryService, Mode, Risk } from '@triage/contracts'

/** What a decision depends on besides who, what and on what. All of it is read from the world, none from the request. */
export interface PolicyContext {
  risk: Risk
  mode: Mode
  /** What the operator calls the environment, e.g. practice or production. */
  environment: string
  safe_mode: boolean
  /** Whether an operator has allowed exactly this action. */
  approved: boolean
  /** Replicas of the target that are healthy now. */
  replicas_healthy: number
  /** Replicas that go on serving while the action is carried out. */
  replicas_left: number
  /** Changes that were begun in the last hour, on any target. */
  actions_last_hour: number
  actions_last_hour_on_target: number
  /** Changes that would be under way at once, with this one. */
  blast_radius: number
}

/** May this agent do this to that? */
export interface Question {
  agent: string
  action: ActionType
  target: { name: string; kind: InventoryService['kind']; managed: boolean }
  context: PolicyContext
}

export interface Decision {
  verdict: 'permit' | 'forbid' | 'needs_approval'
  /** Ids of the policies that decided. */
  policies: string[]
  /** The decision as a sentence, from the policies' own words. */
  why: string
}
