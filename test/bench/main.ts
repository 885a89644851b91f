// npm run bench [-- NAME... --json --write --quick]: measures, prints, judges nothing by time. Exits 1 when something did not work.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { audit } from './audit.ts'
import { dispatch } from './dispatch.ts'
import { docker } from './docker.ts'
import { envelope } from './envelope.ts'
import type { Bench, Outcome } from './lib/bench.ts'
import { describeMachine, loadAverage, type Machine } from './lib/machine.ts'
import { markdown } from './lib/markdown.ts'
import { policy } from './policy.ts'
import { start } from './start.ts'

const benches: Record<string, Bench> = { start, dispatch, envelope, audit, policy, docker }
const page = join(import.meta.dirname, '../../docs/benchmarks.md')

const usage = `npm run bench -- [NAME...] [--json] [--write] [--quick]

${Object.entries(benches)
  .map(([name, { description }]) => `  ${name.padEnd(10)}${description}`)
  .join('\n')}

  --json    one object on standard output instead of tables
  --write   also write the tables to docs/benchmarks.md, in the place of those of the same name
  --quick   a few rounds of each, to see that they work
`

/** What a machine without Docker can measure, too. */
const usual = Object.keys(benches).filter((name) => name !== 'docker')

/** A bench that throws has one fault and no figures; the others go on. */
async function attempt(name: string, quick: boolean): Promise<Outcome> {
  const began = performance.now()
  const log = (line: string): void =>
    void process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${name}: ${line}\n`)
  try {
    return await benches[name]!.run({ quick, log })
  } catch (error) {
    log(`failed: ${(error as Error).stack}`)
    return { tables: [], data: {}, faults: [`${name}: ${(error as Error).message}`] }
  }
}

type Measured = Outcome & { load_average: { before: number; after: number } }

function report(machine: Machine, outcomes: Record<string, Measured>): string {
  const { processor, cores, memory_gb, system, node, nats_server } = machine
  const sections = Object.entries(outcomes).map(
    ([
      name,
      {
        tables,
        faults,
        load_average: { before, after }
      }
    ]) =>
      [
        `## ${name}`,
        `What is measured: ${benches[name]!.description}. On ${new Date().toISOString().slice(0, 10)}, load average ${before} before and ${after} after it.`,
        ...tables.map(markdown),
        ...faults.map((fault) => `Did not work: ${fault}`)
      ].join('\n\n')
  )
  return [
    '# Benchmarks',
    `Made by \`npm run bench -- [NAME...] --write\`. Nothing here is asserted: figures differ from machine to machine, ratios to a floor that was measured in the same run differ less.`,
    `${processor}, ${cores} cores, ${memory_gb} GB, ${system}, Node ${node}, nats-server ${nats_server}.`,
    ...sections
  ]
    .join('\n\n')
    .concat('\n')
}

/** What ran now in the place of what ran before; the rest stays as it was. */
function merged(before: string, now: string): string {
  const sections = (text: string): string[] => text.split(/^(?=## )/m).map((section) => `${section.trimEnd()}\n`)
  const [head, ...fresh] = sections(now)
  const byName = new Map([...sections(before).slice(1), ...fresh].map((section) => [section.split('\n', 1)[0]!, section]))
  return [head, ...byName.values()].join('\n')
}

async function main(): Promise<void> {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: flag, write: flag, quick: flag, help: flag } })
  const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
  if (values.help || unknown.length > 0) {
    process.stderr.write(unknown.length > 0 ? `there is no bench ${unknown.join(', ')}\n\n${usage}` : usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const machine = await describeMachine((line) => process.stderr.write(`${line}\n`))
  const outcomes: Record<string, Measured> = {}
  for (const name of positionals.length > 0 ? positionals : usual) {
    const before = loadAverage()
    const outcome = await attempt(name, values.quick)
    outcomes[name] = { ...outcome, load_average: { before, after: loadAverage() } }
  }
  const faults = Object.values(outcomes).flatMap((outcome) => outcome.faults)
  const figures = Object.fromEntries(Object.entries(outcomes).map(([name, { data, load_average }]) => [name, { ...data, load_average }]))
  const text = report(machine, outcomes)
  process.stdout.write(values.json ? `${JSON.stringify({ machine, quick: values.quick, ...figures, faults })}\n` : text)
  if (values.write) await writeFile(page, merged(await readFile(page, 'utf8'), text))
  for (const fault of faults) process.stderr.write(`did not work: ${fault}\n`)
  process.exitCode = faults.length > 0 ? 1 : 0
}

await main()
