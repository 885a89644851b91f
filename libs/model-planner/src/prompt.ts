// Facts to the messages that a model gets.
//
// Invariants
// 1. The same facts give the same prompt, byte for byte, in whatever order they come: sorted, short names for ids, relative times.
// 2. It takes no more than its budget by estimateTokens, and what was left out is told to the model and to the caller.
// 3. What was read from the world stands between quotes that it cannot leave; see quote.ts.
import { TriageError } from '@triage/contracts'
import { mentionedIn } from '@triage/rulebook'
import { type Topology, topologyOf } from '@triage/rulebook/topology'
import { type Briefing, causesOf, type Offer, wordsOf } from './briefing.ts'
import { rankObservations, unwellServices } from './evidence.ts'
import {
  actionLine,
  askedLines,
  beforeLines,
  effectivenessLines,
  evidenceLine,
  permittedTypes,
  runbookLines,
  serviceLine,
  triedLines
} from './facts.ts'
import { type Fitted, fit, type Section } from './fit.ts'
import { answerShape, systemFor } from './instructions.ts'
import { menuOf } from './menu.ts'
import type { Message } from './message.ts'
import { quote } from './quote.ts'
import { estimateTokens } from './tokens.ts'

export interface LeftOut {
  what: string
  count: number
}

export interface Prompt {
  messages: readonly Message[]
  offer: Offer
  left_out: readonly LeftOut[]
  /** Estimate, not more than the budget. */
  tokens: number
}

/** Of a report: all that people write, and little of what they paste. */
const reportChars = 1500
/** Of an answer to a question, given how much of a report is told. */
const answerChars = (chars: number): number => Math.floor(chars / 3)
/** A chat template adds some for each message. */
const templateTokens = 16
/** For the line that says what was left out, and the ends of sections. */
const closingTokens = 80

/** Unwell ones, those that the report names, those that something was seen at, then the others; by name among equals. */
function rankServices(briefing: Briefing, topology: Topology, unwell: readonly string[]): string[] {
  const seen = new Set(briefing.observations.map(({ service }) => service))
  const names = [...topology.services.keys()]
  const ranked = [...unwell, ...mentionedIn(wordsOf(briefing), topology), ...names.filter((name) => seen.has(name)), ...names]
  return [...new Set(ranked)].filter((name) => topology.services.has(name))
}

function incidentLines(briefing: Briefing, chars: number): string[] {
  const { incident, before } = briefing
  return [
    '# Incident',
    `Reported: ${quote(incident.text, chars)}`,
    ...(incident.service === undefined ? [] : [`It names: ${quote(incident.service, 64)}`]),
    ...(before ? [`Plans so far: ${before.run.plan.plan_version}. None ended it.`] : []),
    ...askedLines(briefing, answerChars(chars))
  ]
}

const linesOf = (fitted: readonly Fitted[], name: string): readonly string[] =>
  fitted.find(({ section }) => section.name === name)?.lines ?? []

/** @throws TriageError E_PROMPT_BUDGET when not even the instructions fit */
export function buildPrompt(briefing: Briefing, budgetTokens: number, { reasoning }: { reasoning: boolean }): Prompt {
  const { incident, inventory, rulebook, asked, mayAsk } = briefing
  const topology = topologyOf(inventory)
  const scene = { observations: briefing.observations, topology }
  const unwell = unwellServices(rulebook, scene)
  const services = rankServices(briefing, topology, unwell).map((name) => topology.services.get(name)!)
  const ranked = rankObservations(rulebook, scene, unwell)
  const openedAt = Date.parse(incident.opened_at)
  const types = permittedTypes(services)
  const causes = causesOf(rulebook)
  const chars = Math.min(reportChars, Math.floor(budgetTokens / 3))

  const head = [...incidentLines(briefing, chars), '', '# Actions', ...types.map((type) => actionLine(type, services))]
  const system = systemFor(mayAsk)
  const answer = answerShape(causes, types, mayAsk, reasoning)
  const fixed = [system, ...head, answer].reduce((sum, text) => sum + estimateTokens(text) + 1, 2 * templateTokens + closingTokens)
  const sections: Section[] = [
    {
      name: 'observations',
      heading: '# Evidence (id, seconds since the report, service, what was seen)',
      lines: ranked.map((observation, i) => evidenceLine(`E${i + 1}`, observation, openedAt)),
      share: 0.4
    },
    { name: 'services', heading: '# Services', lines: services.map(serviceLine), share: 0.25 },
    { name: 'plan before', heading: '# The plan before, which did not help', lines: beforeLines(briefing), share: 0.15 },
    { name: 'tried', heading: '# Tried in this incident', lines: triedLines(briefing), share: 0.05 },
    { name: 'effectiveness', heading: '# What helped in earlier incidents', lines: effectivenessLines(briefing), share: 0.05 },
    { name: 'runbooks', heading: '# Runbooks', lines: runbookLines(briefing), share: 0.1 }
  ]
  const fitted = fit(sections, budgetTokens - fixed)
  const shown = services.slice(0, linesOf(fitted, 'services').length)
  if (shown.length === 0) {
    throw new TriageError('E_PROMPT_BUDGET', `a prompt takes more than ${fixed} tokens, and the budget is ${budgetTokens}`)
  }

  const evidence = ranked.slice(0, linesOf(fitted, 'observations').length).map((observation, i) => ({ alias: `E${i + 1}`, observation }))
  const left_out = [
    { what: 'characters of the report', count: Math.max(0, incident.text.length - chars) },
    { what: 'characters of the answer', count: Math.max(0, (asked?.answer?.length ?? 0) - answerChars(chars)) },
    ...fitted.map(({ section, lines }) => ({ what: section.name, count: section.lines.length - lines.length }))
  ].filter(({ count }) => count > 0)
  const body = fitted.filter(({ lines }) => lines.length > 0).map(({ section, lines }) => [section.heading, ...lines].join('\n'))
  const leftOut =
    left_out.length > 0 ? [`Left out for want of room: ${left_out.map(({ what, count }) => `${count} ${what}`).join(', ')}.`] : []
  const messages: Message[] = [
    { role: 'system', content: system },
    { role: 'user', content: [head.join('\n'), ...body, ...leftOut, answer].join('\n\n') }
  ]
  return {
    messages,
    offer: {
      services: shown.map(({ name }) => name).sort(),
      causes,
      evidence,
      menu: menuOf(
        shown,
        evidence.map((one) => one.observation)
      ),
      mayAsk
    },
    left_out,
    tokens: messages.reduce((sum, { content }) => sum + estimateTokens(content) + templateTokens, 0)
  }
}
