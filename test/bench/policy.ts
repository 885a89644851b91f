import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { flagsOf } from '../../cli/src/launcher/swarm-processes.ts'
import type { Bench, Outcome, RunOptions } from './lib/bench.ts'
import type { Summary } from './lib/durations.ts'
import { figure, verdict } from './lib/markdown.ts'

interface Measured {
  verdicts: string[]
  load_ms: number
  /** Mean of the first decisions of a process. */
  first_ms: number
  rss_mb: number
  took_ms: Record<'permit' | 'needs_approval' | 'forbid', Summary>
}

const promisedMs = 1
const words: Record<keyof Measured['took_ms'], string> = {
  permit: 'permit',
  needs_approval: 'needs approval (asked twice)',
  forbid: 'forbid (asked twice)'
}

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const rounds = quick ? 200 : 10_000
  const program = join(import.meta.dirname, 'policy/decider.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [...flagsOf('action-agent'), program, String(rounds)])
  const measured = JSON.parse(stdout) as Measured
  log(`asked ${3 * rounds} times`)
  const { verdicts, load_ms, first_ms, rss_mb, took_ms } = measured
  const kinds = Object.keys(words) as (keyof Measured['took_ms'])[]
  const wrong = verdicts.join() === kinds.join() ? [] : [`the policies decided ${verdicts.join(', ')}, not ${kinds.join(', ')}`]
  return {
    tables: [
      {
        title: `One decision of the shipped policies, in a process with the action agent's flags, ${figure(rounds)} times each`,
        columns: ['', 'p50, ms', 'p90, ms', 'p99, ms', 'max, ms', `p99 ≤ ${promisedMs} ms`],
        rows: kinds.map((kind) => {
          const { p50, p90, p99, max } = took_ms[kind]
          return [words[kind], figure(p50), figure(p90), figure(p99), figure(max), verdict(p99 <= promisedMs)]
        }),
        note: `Reading and validating the policies takes ${figure(load_ms)} ms once; the first decisions take ${figure(first_ms)} ms each. All of it adds ${figure(rss_mb)} MB to the process.`
      }
    ],
    data: { rounds, load_ms, first_ms, rss_mb, took_ms },
    faults: wrong
  }
}

export const policy: Bench = { description: 'what a decision of the policies takes, and what the engine costs', run }
