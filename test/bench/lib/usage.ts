import { readFile } from 'node:fs/promises'
import pidusage from 'pidusage'

/** What a group of processes uses. */
export interface Usage {
  /** Resident memory: pages that several processes share are counted in each. */
  rss_mb: number
  /** Proportional set: a shared page counts once, split among those who share it. Null where the system does not tell. */
  pss_mb: number | null
  /** Processor time since they started. */
  cpu_ms: number
}

/** Null on systems without /proc. */
async function pssBytes(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1]
  return kilobytes ? Number(kilobytes) * 1024 : null
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const megabytes = (bytes: number): number => bytes / 1e6

/** Throws when one of them has ended: its share would silently be missing. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const readings = await pidusage([...pids])
  const found = pids.map((pid) => readings[pid])
  if (found.some((reading) => !reading)) throw new Error('a process ended while it was measured')
  const shares = await Promise.all(pids.map(pssBytes))
  return {
    rss_mb: megabytes(sum(found.map((reading) => reading!.memory))),
    pss_mb: shares.includes(null) ? null : megabytes(sum(shares.map((share) => share!))),
    cpu_ms: sum(found.map((reading) => reading!.ctime))
  }
}
