// Rows as the tables of docs/planners.md.
import type { Table } from '../bench/lib/bench.ts'
import { markdown } from '../bench/lib/markdown.ts'
import { plannerNames } from './planners.ts'
import { inTime, isGood, type Row, runtimes } from './row.ts'

const thousands = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 2 })

const initials = { model: 'M', rulebook: 'R' } as const
/** Who made the plans that were carried out, in order. */
const madeBy = ({ sources }: Row): string => sources.map((source) => initials[source]).join('') || '–'
const verdict = (row: Row): string => (row.harm.length > 0 ? 'HARM' : row.recovered ? 'yes' : 'NO')

function cell(row: Row | undefined): string {
  if (!row) return '·'
  const { repairs, rejected, failed, tokens } = row
  const counts = row.asked > 0 ? ` ${repairs}/${rejected}/${failed} ${thousands.format(tokens.input + tokens.output).toLowerCase()}` : ''
  return `${verdict(row)} ${madeBy(row)}${counts}`
}

/** Of several seeds the one that did worst. */
const worst = (rows: readonly Row[]): Row | undefined => rows.find((row) => !isGood(row)) ?? rows.find((row) => !inTime(row)) ?? rows[0]

const seconds = (ms: number): string => (ms / 1000).toFixed(1)

function outcomes(rows: readonly Row[], faults: readonly string[]): Table {
  return {
    title: 'Outcomes',
    columns: ['planner', ...faults],
    rows: plannerNames
      .filter((name) => rows.some(({ planner }) => planner === name))
      .map((name) => [name, ...faults.map((fault) => cell(worst(rows.filter((row) => row.planner === name && row.fault === fault))))])
  }
}

function times(rows: readonly Row[]): Table {
  const perPlanner = plannerNames.flatMap((name) => {
    const own = rows.filter(({ planner }) => planner === name)
    if (own.length === 0) return []
    const planned = own.flatMap(({ plan_ms }) => plan_ms ?? []).toSorted((a, b) => a - b)
    const count = (holds: (row: Row) => boolean): string => `${own.filter(holds).length} of ${own.length}`
    const span = planned.length > 0 ? `${seconds(planned[0]!)} – ${seconds(planned.at(-1)!)}` : '–'
    const budget = seconds(Math.max(...own.map(({ budget_ms }) => budget_ms)))
    return [[name, count(isGood), count(({ named }) => named), span, budget, count(inTime)]]
  })
  return {
    title: 'Times',
    columns: ['planner', 'recovered, no harm', 'cause named', 'plan after, s', 'budget, s', 'in time'],
    rows: perPlanner
  }
}

/** Everything that is not as it should be, one line each. */
export const complaints = (rows: readonly Row[]): string[] =>
  rows
    .filter((row) => !isGood(row) || !inTime(row))
    .map((row) => {
      const late = inTime(row) ? [] : [row.plan_ms === null ? 'no plan' : `a plan after ${row.plan_ms} ms`]
      const why = [...(row.recovered ? [] : [row.end]), ...row.harm, ...late]
      return `${row.runtime}, ${row.planner}, ${row.fault}, seed ${row.seed}: ${why.join('; ')}`
    })

/** @param faults of each runtime, in their order */
export function tables(rows: readonly Row[], faults: Readonly<Record<Row['runtime'], readonly string[]>>): string {
  return runtimes
    .flatMap((runtime) => {
      const own = rows.filter((row) => row.runtime === runtime)
      if (own.length === 0) return [`## On ${runtime}\n\nNot run.`]
      const wrong = complaints(own).map((line) => `- ${line}`)
      const absent = plannerNames.filter((name) => !own.some(({ planner }) => planner === name))
      return [
        `## On ${runtime}`,
        `Of ${own.length} rehearsals ${own.filter(isGood).length} ended as they should, with nothing done that was not called for; ${own.filter(inTime).length} had a plan in time.`,
        markdown(outcomes(own, faults[runtime])),
        ...(absent.length > 0 ? [`Not run at all: ${absent.join(', ')}.`] : []),
        markdown(times(own)),
        ...(wrong.length > 0 ? [wrong.join('\n')] : [])
      ]
    })
    .join('\n\n')
}

const [begin, end] = ['<!-- rows: begin -->', '<!-- rows: end -->']

/** The page with what stands between its markers replaced. @throws when it has none */
export function withTables(page: string, text: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page lacks the lines ${begin} and ${end}`)
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`
}
