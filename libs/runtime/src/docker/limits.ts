// What a container may use at most, as the engine has it: 0 for no limit.
import type { HostConfig } from 'dockerode'

/** Null: as much as there is. */
export interface Limits {
  memory_bytes: number | null
  cpus: number | null
}

export type EngineLimits = Pick<HostConfig, 'Memory' | 'MemorySwap' | 'NanoCpus'>

/** The limits of a HostConfig, and all else that it says. */
export function apart<T extends EngineLimits>({ Memory = 0, MemorySwap = 0, NanoCpus = 0, ...rest }: T) {
  return { limits: { Memory, MemorySwap, NanoCpus }, rest }
}

export const limitsOf = ({ Memory, NanoCpus }: EngineLimits): Limits => ({
  memory_bytes: Memory || null,
  cpus: NanoCpus ? NanoCpus / 1e9 : null
})

/** Memory and swap stay in proportion: put back, the limits are what they were. @param before what they are now */
export function withLimits(before: EngineLimits, { memory_bytes, cpus }: Limits): EngineLimits {
  const { Memory = 0, MemorySwap = 0 } = before
  // Whole bytes, and never one too many: with more than was seen it would be refused. Fractions this small are the arithmetic's.
  const scaled = Memory > 0 ? Math.floor((memory_bytes ?? 0) * (MemorySwap / Memory) + 0.001) : 0
  return { Memory: memory_bytes ?? 0, MemorySwap: MemorySwap < 0 ? -1 : scaled, NanoCpus: Math.round((cpus ?? 0) * 1e9) }
}

/** Whether neither is more. */
export const within = (wanted: EngineLimits, most: EngineLimits): boolean =>
  amounts(wanted).every((amount, index) => amount <= amounts(most)[index]!)

/** Of each the higher one. */
export function highest(a: EngineLimits, b: EngineLimits): EngineLimits {
  const [Memory, MemorySwap, NanoCpus] = amounts(a).map((amount, index) => Math.max(amount, amounts(b)[index]!))
  return { Memory: Memory!, MemorySwap: MemorySwap!, NanoCpus: NanoCpus! }
}

/** The engine has 0, and -1 for swap, where nothing limits. */
const amounts = ({ Memory = 0, MemorySwap = 0, NanoCpus = 0 }: EngineLimits): number[] =>
  [Memory, MemorySwap, NanoCpus].map((amount) => (amount > 0 ? amount : Number.POSITIVE_INFINITY))
