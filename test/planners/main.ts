// npm run planners [-- --planner NAME --fault NAME …]: rehearses faults with planners good and bad, and writes docs/planners.md.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { untilInterrupted } from '@triage/cli/interrupt'
import { loadScenarios } from '@triage/scenarios'
import { complaints, tables, withTables } from './page.ts'
import { plannerNames } from './planners.ts'
import { keysOf, rehearsals } from './rehearsals.ts'
import { Results } from './results.ts'
import { isGood, type Row, runtimes, sameKey } from './row.ts'

const page = join(import.meta.dirname, '../../docs/planners.md')
const results = join(import.meta.dirname, 'results.jsonl')

const usage = `npm run planners -- [OPTION...]

  --planner NAME   as often as wanted; every one unless given
  --fault NAME     a scenario, as often as wanted; every one of the runtime unless given
  --runtime NAME   process or docker; process unless given
  --seed NUMBER    which of a scenario's reports is made, 0 unless given
  --budget MS      how long models may take for a plan, 5000 unless given
  --again          also what is in the results already
  --json           the rows on standard output, one a line, instead of tables

What came out is kept in test/planners/results.jsonl and not rehearsed again; docs/planners.md is written from all that is there.
Planners: ${plannerNames.join(' ')}
`

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const options = {
  planner: { ...text, multiple: true },
  fault: { ...text, multiple: true },
  runtime: { ...text, default: 'process' },
  seed: { ...text, default: '0' },
  budget: { ...text, default: '5000' },
  again: flag,
  json: flag,
  help: flag
} as const

const log = (line: string): void => void process.stderr.write(`${line}\n`)

class WrongUsage extends Error {}

function argumentsOf(argv: string[]) {
  try {
    return parseArgs({ args: argv, options }).values
  } catch (error) {
    throw new WrongUsage((error as Error).message)
  }
}

function known<T extends string>(what: string, wanted: readonly string[], all: readonly T[]): readonly T[] {
  const unknown = wanted.filter((name) => !all.includes(name as T))
  if (unknown.length > 0) throw new WrongUsage(`there is no ${what} ${unknown.join(', ')}; there are ${all.join(', ')}`)
  return all.filter((name) => wanted.includes(name))
}

function wholeNumber(name: string, value: string): number {
  if (!/^\d{1,7}$/.test(value)) throw new WrongUsage(`--${name} wants a whole number, not ${value}`)
  return Number(value)
}

const scenarios = await loadScenarios()
const faultsOn = (runtime: Row['runtime']): string[] => scenarios.filter((one) => one.runtimes.includes(runtime)).map(({ name }) => name)
const written = (rows: readonly Row[]): string => tables(rows, { process: faultsOn('process'), docker: faultsOn('docker') })

async function main(): Promise<number> {
  const { help, again, json, ...wanted } = argumentsOf(process.argv.slice(2))
  if (help) {
    log(usage)
    return 0
  }
  const [runtime] = known('runtime', [wanted.runtime], runtimes) as [Row['runtime']]
  const faults = known('fault', wanted.fault ?? faultsOn(runtime), faultsOn(runtime))
  const planners = known('planner', wanted.planner ?? plannerNames, plannerNames)
  const keys = keysOf(runtime, planners, faults, wholeNumber('seed', wanted.seed))
  const budgetMs = wholeNumber('budget', wanted.budget)

  const abort = untilInterrupted()
  const kept = await Results.read(results)
  const missing = keys.filter((key) => again || !kept.has(key))
  log(`${missing.length} rehearsals; ${keys.length - missing.length} are there already`)
  let done = 0
  // Without a model named it is another swarm.
  for (const asks of [false, true]) {
    const own = missing.filter(({ planner }) => (planner !== 'none') === asks)
    for await (const row of rehearsals(own, { runtime, asks, budgetMs, abort })) {
      await kept.put(row)
      log(
        `${++done} of ${missing.length}: ${row.planner}, ${row.fault}: ${row.end}; a plan after ${row.plan_ms} ms, ${row.total_ms} ms in all`
      )
    }
  }
  await writeFile(page, withTables(await readFile(page, 'utf8'), written(kept.rows)))
  const rows = kept.rows.filter((row) => keys.some((key) => sameKey(row, key)))
  process.stdout.write(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : `${written(rows)}\n`)
  for (const line of complaints(rows)) log(`not as it should be: ${line}`)
  return abort.signal.aborted ? 130 : Number(!rows.every(isGood))
}

process.exitCode = await main().catch((error: Error) => {
  if (!(error instanceof WrongUsage)) throw error
  log(`${error.message}\n\n${usage}`)
  return 2
})
