// The subject grammar as code: which role may say what on which subject, and which stream keeps it.
import grammar from '../subjects.json' with { type: 'json' }
import type { PayloadByType } from './generated/types.ts'

export type MessageType = keyof PayloadByType
export type FactType = Extract<MessageType, `incident.${string}`>
export type StreamName = keyof typeof grammar.streams

export const roles = [
  'gateway',
  'planner',
  'scheduler',
  'log-agent',
  'metric-agent',
  'action-agent',
  'monitor',
  'auditor',
  'injector',
  'operator'
] as const
export type Role = (typeof roles)[number]

export interface Stream {
  /** What the stream keeps. */
  subjects: string[]
  retention: 'limits' | 'workqueue'
  /** Nothing of it may be changed or taken away. */
  append_only?: boolean
  /** Only the newest message of each subject is kept. */
  newest_only?: boolean
  /** A message vanishes after this long, in milliseconds; never when absent. */
  max_age_ms?: number
  description: string
}
export const streams = grammar.streams as Readonly<Record<StreamName, Stream>>

const entries = [...grammar.subjects, ...grammar.replies.map((reply) => ({ subject: '', ...reply }))]
const byType = new Map(entries.flatMap((entry) => entry.types.map((type) => [type, entry] as const)))

/**
 * Fills a pattern's placeholders: subjectOf('incident.opened.v1', { incident_id }) → incident.inc-….opened
 * Throws when a placeholder has no value.
 */
export function subjectOf(type: MessageType, values: Record<string, string>): string {
  const pattern = byType.get(type)!.subject
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (!value || /[.*>\s]/.test(value)) throw new Error(`subject ${pattern} needs one token for ${name}, not ${value}`)
    return value
  })
}

type Entry = (typeof entries)[number]
/** Where a subject belongs in the grammar, and what its placeholders stand for. */
interface Place {
  entry: Entry
  values: Record<string, string>
}

/** Entries by their number of tokens: all that a subject of as many can fit. */
const byLength = Map.groupBy(
  entries.filter(({ subject }) => subject).map((entry) => ({ entry, tokens: entry.subject.split('.') })),
  ({ tokens }) => tokens.length
)
/** Lately asked for; a process hears the same few subjects again and again. */
const known = new Map<string, Place | null>()
const mostKnown = 512

const matches = (want: readonly string[], have: readonly string[]): Record<string, string> | null => {
  const values: Record<string, string> = {}
  for (const [i, token] of want.entries()) {
    if (token.startsWith('{')) values[token.slice(1, -1)] = have[i]!
    else if (token !== have[i]) return null
  }
  return values
}

function find(subject: string): Place | null {
  const have = subject.split('.')
  for (const { entry, tokens } of byLength.get(have.length) ?? []) {
    const values = matches(tokens, have)
    if (values) return { entry, values }
  }
  return null
}

function placeOf(subject: string): Place | null {
  let place = known.get(subject)
  if (place === undefined) {
    place = find(subject)
    if (known.size >= mostKnown) known.clear()
    known.set(subject, place)
  }
  return place
}

const isInbox = (subject: string): boolean => subject.startsWith('_INBOX')
const replyTypes = grammar.replies.flatMap((reply) => reply.types)

/** The message types that may appear on a subject. */
export function typesOn(subject: string): string[] {
  if (isInbox(subject)) return replyTypes
  return placeOf(subject)?.entry.types ?? []
}

/** Whether a stream's filter or a subscription's subject, with its wildcards, takes a subject or a narrower pattern. */
export function takes(filter: string, subject: string): boolean {
  const [want, have] = [filter.split('.'), subject.split('.')]
  if (want.at(-1) === '>' ? have.length < want.length : have.length !== want.length) return false
  return want.every((word, i) => word === '>' || word === '*' || word === have[i])
}

/** The stream that keeps a subject; null for what is said once and heard now or never. */
export const streamOf = (subject: string): StreamName | null =>
  (Object.keys(streams) as StreamName[]).find((name) => streams[name].subjects.some((filter) => takes(filter, subject))) ?? null

/** The roles that may write a message type on a subject. */
export function writersOf(type: string, subject: string): string[] {
  const entry = byType.get(type)
  if (!entry) return []
  if (!entry.subject) return isInbox(subject) ? entry.writes : []
  const place = placeOf(subject)
  if (place?.entry !== entry) return []
  return entry.writes.map((role) => (role.startsWith('{') ? (place.values[role.slice(1, -1)] ?? '') : role))
}

/** Every entry of the grammar, for those who turn it into permissions or documentation. An answer's subject is ''. */
export const subjectsFor = (): readonly { subject: string; types: string[]; writes: string[]; reads: string[] }[] => entries
