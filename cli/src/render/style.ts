import pc from 'picocolors'

/** Colours where the terminal has them; signs that read without. */
export const style = {
  title: pc.bold,
  dim: pc.dim,
  good: pc.green,
  bad: pc.red,
  warn: pc.yellow,
  accent: pc.cyan
}

/**
 * Text without what would command the terminal: what services log and people report is shown here. Our own colours stay;
 * other control characters become a sign.
 */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  text.replace(/\u001b\[(?:[012]|22|3[12369])m|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (found) =>
    found.length > 1 ? found : '\ufffd'
  )

/** 850 ms, 2.4 s, 1 min 5 s */
export function duration(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`
  if (Math.round(ms / 100) < 600) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Left-aligned columns, two spaces apart. Widths are of the text, without colours. */
export function table(rows: readonly string[][], indent = '  '): string {
  const width = (text: string): number => text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '').length
  const widths = rows.reduce<number[]>((max, row) => row.map((cell, i) => Math.max(max[i] ?? 0, width(cell))), [])
  const line = (row: string[]): string =>
    row.map((cell, i) => cell + (i === row.length - 1 ? '' : ' '.repeat(widths[i]! - width(cell)))).join('  ')
  return printable(rows.map((row) => `${indent}${line(row)}`.trimEnd()).join('\n'))
}
