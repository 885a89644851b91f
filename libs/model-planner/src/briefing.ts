// What a model is told.
import type { Inventory, Observation } from '@triage/contracts'
import type { PlanRun } from '@triage/incident'
import type { Rulebook, Tried } from '@triage/rulebook'
import type { Choice } from './menu.ts'
import type { Replan } from './replan.ts'

export interface Briefing {
  incident: { text: string; service?: string /** RFC 3339; all other times are told from here. */; opened_at: string }
  /** In any order. */
  observations: readonly Observation[]
  inventory: Inventory
  /** Says what matters among what was seen, and which causes there are. */
  rulebook: Rulebook
  /** What a human was asked before; answer null: nobody answered. */
  asked: { question: string; answer: string | null } | null
  /** Whether a human may be asked now. */
  mayAsk: boolean
  tried: readonly Tried[]
  /** How often an action ended earlier incidents of a cause. */
  effectiveness: readonly { type: string; cause: string; ended: number; of: number }[]
  /** Best first. */
  runbooks: readonly { title: string; heading: string; text: string }[]
  /** The plan before this one, which did not end the incident, and what is asked for instead. */
  before: { run: PlanRun; replan: Replan } | null
}

/** What a model may choose from: it is told this, its decoder is held to it, and its answer is judged by it. */
export interface Offer {
  /** Services it may blame, by name. */
  services: readonly string[]
  causes: readonly string[]
  /** Short names that stand for observations. */
  evidence: readonly { alias: string; observation: Observation }[]
  menu: readonly Choice[]
  /** Whether it may have a human asked. */
  mayAsk: boolean
}

/** What people said: the report, and the answer to what was asked. */
export const wordsOf = ({ incident, asked }: Briefing): { text: string; service?: string; answer?: string } => ({
  ...incident,
  ...(asked?.answer && { answer: asked.answer })
})

/** Causes of the rulebook: what is wrong, that nothing is, that nobody knows. */
export const causesOf = ({ rules, fallbacks }: Rulebook): string[] =>
  [...new Set([...rules, fallbacks.healthy, fallbacks.unexplained].map(({ cause }) => cause))].sort()
