// Log lines to observations: which error and warning templates are new, or much more frequent than before.
import type { LogTemplateObservation } from '@triage/contracts'
import { redact } from '@triage/redact'
import { type Cluster, Drain } from './drain.ts'
import { type Level, severity, worst } from './log-level.ts'
import type { ParsedLine } from './log-line.ts'
import { observationId } from './observation-id.ts'

interface LogObservationsInput {
  service: string
  /** In any order. */
  lines: readonly ParsedLine[]
  /** Epoch milliseconds. Lines before it are the baseline, lines from it on the window. */
  windowStart: number
  /** Epoch milliseconds; the window's end. */
  now: number
  /** How many observations at most. */
  topK: number
  /** See observationId. */
  prefix: string
}

/** How much more frequent than before a known template must be. */
const rateRatio = 3
/** Fewer lines of a known template say nothing about its rate. */
const rateMinLines = 3
/** One broken template must not crowd out the others, however many keys it names. */
const keysPerTemplate = 8
/** Longer messages differ in their beginnings too; masks run over no more than this. */
const minedChars = 1000

/** Fields of `meta` that may leave the log, and what they must look like. Nothing else does: it may be secret. */
const fields = {
  error_type: { from: 'error', pattern: /^[A-Za-z0-9_][\w.:-]{0,99}$/ },
  upstream: { from: 'upstream', pattern: /^[a-z0-9][a-z0-9_-]{0,62}$/ },
  key: { from: 'key', pattern: /^[^\p{Cc}\s]{1,200}$/u }
} as const

interface Entry {
  at: number
  level: Level
  msg: string
  cluster: Cluster
  error_type?: string
  upstream?: string
  key?: string
}

interface Trend {
  new: boolean
  /** Rate in the window over the rate before it; absent when there was none. */
  ratio?: number
}

function readMeta(meta: ParsedLine['meta']): Pick<Entry, keyof typeof fields> {
  const read = Object.entries(fields).map(([name, { from, pattern }]) => [name, meta[from], pattern] as const)
  return Object.fromEntries(read.filter(([, value, pattern]) => typeof value === 'string' && pattern.test(value)))
}

/** Times, process ids and roles as databases and servers begin their lines with: the same in every line, they would make all alike. */
const preamble =
  /^(?:\[\d+\] |\d+:[A-Z] )?(?:\d{4}[-/]\d\d[-/]\d\d[T ]|\d\d [A-Z][a-z]{2} \d{4} )\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[A-Z]{3,4}|[+-]\d\d:?\d\d))?(?: \[\d+\])? /
/** What follows the first line is where it happened, not what. */
const headline = (msg: string): string => msg.split('\n', 1)[0]!.replace(preamble, '')

/** Mines the lines that complain, oldest first; the order of equals is their text's, so that the input's order changes nothing. */
function mine(lines: readonly ParsedLine[]): Entry[] {
  const drain = new Drain()
  const complaints = lines
    .filter((line) => severity[line.level] >= severity.warn)
    .map((line) => ({ at: Date.parse(line.at), level: line.level, msg: redact(line.msg).slice(0, minedChars), ...readMeta(line.meta) }))
    .filter((line) => Number.isFinite(line.at))
  const order = (line: (typeof complaints)[number]): string =>
    JSON.stringify([line.msg, line.level, line.error_type, line.upstream, line.key])
  complaints.sort((a, b) => a.at - b.at || (order(a) < order(b) ? -1 : 1))
  return complaints.map((line) => ({ ...line, cluster: drain.add(headline(line.msg)) }))
}

/** The groups of a key function, in order of their first members. */
const groups = <T>(items: readonly T[], key: (item: T) => string): T[][] => [...Map.groupBy(items, key).values()]

function trendOf(series: readonly Entry[], { lines, windowStart, now }: LogObservationsInput): Trend {
  const before = series.filter((entry) => entry.at < windowStart).length
  if (before === 0) return { new: true }
  const oldest = lines.reduce((least, line) => Math.min(least, Date.parse(line.at) || least), windowStart)
  // Below a second a rate is an accident.
  const baselineMs = Math.max(1000, windowStart - oldest)
  const windowMs = Math.max(1000, now - windowStart)
  return { new: false, ratio: (series.length - before) / windowMs / (before / baselineMs) }
}

const summarise = (service: string, trend: Trend, level: Level, count: number, template: string): string =>
  `${service} logs ${trend.new ? 'something new' : `${trend.ratio!.toFixed(1)} times as often as before`} at ${level}, ${count} lines: ${template}`.slice(
    0,
    500
  )

type Draft = Omit<LogTemplateObservation, 'observation_id'>

function draft(service: string, trend: Trend, entries: readonly Entry[]): Draft {
  const latest = entries.at(-1)!
  const level = worst(...entries.map((entry) => entry.level))
  const template = latest.cluster.template.slice(0, 500)
  const { error_type, upstream, key } = latest
  return {
    kind: 'log_template',
    service,
    at: new Date(latest.at).toISOString(),
    summary: summarise(service, trend, level, entries.length, template),
    attributes: {
      template,
      level,
      count: entries.length,
      new: trend.new,
      ...(trend.ratio === undefined ? {} : { rate_ratio: trend.ratio }),
      ...(error_type ? { error_type } : {}),
      ...(upstream ? { upstream } : {}),
      ...(key ? { key } : {}),
      example: latest.msg.slice(0, 300)
    }
  }
}

/** New errors first, then by rate shift, severity and number of lines. */
function byInterest({ attributes: a }: Draft, { attributes: b }: Draft): number {
  const fresh = (x: typeof a): number => Number(x.new && severity[x.level] >= severity.error)
  const shift = (x: typeof a): number => x.rate_ratio ?? Number.MAX_VALUE
  const text = (x: typeof a): string => JSON.stringify([x.template, x.error_type, x.upstream, x.key])
  return (
    fresh(b) - fresh(a) || shift(b) - shift(a) || severity[b.level] - severity[a.level] || b.count - a.count || (text(a) < text(b) ? -1 : 1)
  )
}

/**
 * Error, warning and fatal templates of a service that are new in the window or at least three times as frequent as before.
 * The trend is that of (template, error type, upstream); each cache key that such lines name is an observation of its own.
 */
export function logObservations(input: LogObservationsInput): LogTemplateObservation[] {
  const { service, windowStart, now, topK, prefix } = input
  const entries = mine(input.lines).filter((entry) => entry.at <= now)
  const drafts = groups(entries, (e) => JSON.stringify([e.cluster.template, e.error_type, e.upstream])).flatMap((series) => {
    const trend = trendOf(series, input)
    const window = series.filter((entry) => entry.at >= windowStart)
    const rose = (trend.ratio ?? 0) >= rateRatio && window.length >= rateMinLines
    if (window.length === 0 || !(trend.new || rose)) return []
    const byKey = groups(window, (e) => e.key ?? '').map((part) => draft(service, trend, part))
    return byKey.sort(byInterest).slice(0, keysPerTemplate)
  })
  const ranked = drafts.sort(byInterest).slice(0, topK)
  return ranked.map((observation, i) => ({ observation_id: observationId(prefix, 'log_template', service, i + 1), ...observation }))
}
