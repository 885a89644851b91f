// How long until something that grows has reached its limit.
import { median, type Point, theilSen } from './statistics.ts'

/** Only what was seen so recently tells how it goes on. */
const windowMs = 5 * 60_000
/** Over less than this a slope is a moment's. */
const minSpanMs = 60_000
/** Medians of so many slices of the window stand for it: the cost of all pairs stays small, and a spike moves nothing. */
const slices = 30
const minSlices = 12
/** What is used up later is not told. */
const horizonMs = 15 * 60_000
/** Less growth than this share of the limit is noise. */
const minGrowth = 0.05

interface Exhaustion {
  value: number
  limit: number
  /** When it was seen to grow from there. */
  baseline: number
  seconds: number
}

/** One point for each slice that holds any. */
function thin(points: readonly Point[], from: number, now: number): Point[] {
  const slice = ([at]: Point): number => Math.floor(((at - from) / (now - from + 1)) * slices)
  return [...Map.groupBy(points, slice).values()].map((part) => [part.at(-1)![0], median(part.map(([, value]) => value))!])
}

/**
 * When `points`, in order of time, will have reached `limit` if they go on as they do: by the slope of the whole window, and only
 * while its last third still grows at least half as fast, so that what has settled is passed over.
 */
export function exhaustion(points: readonly Point[], limit: number, now: number): Exhaustion | null {
  const recent = points.filter(([at]) => at > now - windowMs && at <= now)
  const first = recent[0]
  if (!first || now - first[0] < minSpanMs) return null
  const thinned = thin(recent, first[0], now)
  if (thinned.length < minSlices) return null
  const slope = theilSen(thinned)!
  const lately = theilSen(thinned.slice(-Math.ceil(thinned.length / 3)))!
  const value = thinned.at(-1)![1]
  const grown = slope * (now - first[0])
  if (slope <= 0 || lately < slope / 2 || grown < minGrowth * limit) return null
  const ms = Math.max(0, limit - value) / slope
  return ms > horizonMs ? null : { value, limit, baseline: thinned[0]![1], seconds: Math.round(ms / 1000) }
}
