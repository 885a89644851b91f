import type { Table } from './bench.ts'

const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0, useGrouping: true })

/** Three significant figures; whole from a hundred on. */
export const figure = (value: number): string => (Math.abs(value) < 100 ? three : whole).format(value)
/** How many times as much. */
export const ratio = (value: number, floor: number): string => `${figure(value / floor)}×`
export const verdict = (met: boolean): string => (met ? 'met' : 'missed')

/** A Markdown table whose columns line up, so that it reads on a terminal as well. */
function grid(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, i) => Math.max(3, column.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(columns), rule, ...rows.map(line)]
}

export const markdown = ({ title, columns, rows, note }: Table): string =>
  [`**${title}**`, '', ...grid(columns, rows), ...(note ? ['', note] : [])].join('\n')
