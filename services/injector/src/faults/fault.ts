import type { RuntimeInjector } from '@triage/runtime'

export interface FaultContext {
  runtime: RuntimeInjector
  target: string
  /** Image with iptables and the proxy that disturbs connections. Containers only. */
  netadminImage: string
  /** Seeded: a whole number from 0 to below `n`. */
  pick: (n: number) => number
}

/** What undoing needs; it goes into the journal before anything is done. */
export type UndoData = Record<string, string>

/** One way to hurt a service. */
export interface Fault {
  description: string
  /** Where it can be done. */
  runtimes: readonly RuntimeInjector['kind'][]
  /** Services that it may be aimed at; the first is the usual one. */
  targets: readonly string[]
  /** Decides what will be done, and what undoing it will need. Changes nothing. */
  prepare(context: FaultContext): Promise<UndoData>
  apply(context: FaultContext, undo: UndoData): Promise<void>
  /**
   * Takes it back, if nobody repaired it. Safe to call again, and whatever became of the target meanwhile; that there is no
   * such target any more it may throw.
   */
  undo(context: Omit<FaultContext, 'pick'>, undo: UndoData): Promise<void>
}

/** The shop's own programs, and what they keep their data in. */
export const services = ['catalog', 'orders', 'storefront', 'fulfilment'] as const
export const stores = ['redis', 'queue', 'postgres'] as const
