// The action catalogue: the closed list of what a plan may ask for.
import catalogue from '../actions.json' with { type: 'json' }
import type { Agent, InventoryService, Risk } from './generated/types.ts'

export type ActionType = Exclude<keyof typeof catalogue, '$comment'>

export interface ActionSpec {
  description: string
  /** The role that carries it out. */
  agent: Agent
  risk: Risk
  /** Doing it twice is doing it once. */
  idempotent: boolean
  /** While it is carried out its target does not serve. */
  interrupts: boolean
  /** How long the scheduler waits for one attempt, in milliseconds. */
  timeout_ms: number
  /** What must hold of the target before. */
  precondition: string
  /** How it is taken back. */
  undo: string
  /** Kinds of target that it may be aimed at. */
  kinds: InventoryService['kind'][]
  /** JSON Schema of its arguments. */
  args: { required: string[]; properties: Record<string, { type?: string; enum?: string[]; description: string }> }
}

const { $comment: _, ...entries } = catalogue
export const actions: Readonly<Record<ActionType, ActionSpec>> = Object.freeze(entries) as never

export const isActionType = (type: string): type is ActionType => Object.hasOwn(actions, type)
