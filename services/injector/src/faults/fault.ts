import type { RuntimeInjector } from '@triage/runtime'

export interface FaultContext {
  runtime: RuntimeInjector
  target: string
  /** Seeded: a whole number from 0 to below `n`. */
  pick: (n: number) => number
}

/** What undoing needs; it goes into the journal before anything is done. */
export type UndoData = Record<string, string>

/** One way to hurt a service. */
export interface Fault {
  description: string
  /** Services that it may be aimed at; the first is the usual one. */
  targets: readonly string[]
  /** Decides what will be done, and what undoing it will need. Changes nothing. */
  prepare(context: FaultContext): Promise<UndoData>
  apply(context: FaultContext, undo: UndoData): Promise<void>
  /** Takes it back, if nobody repaired it. Safe to call again. */
  undo(context: Omit<FaultContext, 'pick'>, undo: UndoData): Promise<void>
}
