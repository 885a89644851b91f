import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { duration, printable, table } from './style.ts'

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`

test('columns stand under each other, two spaces apart; nothing trails', () => {
  expect(
    table([
      ['a', 'long word', 'x'],
      ['bbb', 'b', ''],
      ['c', '', 'y']
    ])
  ).toBe('  a    long word  x\n  bbb  b\n  c               y')
})

test('colours take no room', () => {
  const rows = [
    [red('ab'), 'x'],
    ['abcd', 'y']
  ]
  expect(stripVTControlCharacters(table(rows))).toBe('  ab    x\n  abcd  y')
})

test('law: every cell of a column begins at the same place, coloured or not', () => {
  const cell = fc.tuple(fc.stringMatching(/^[a-z]{1,12}$/), fc.boolean())
  const rows = fc
    .integer({ min: 1, max: 5 })
    .chain((columns) => fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 8 }))
  fc.assert(
    fc.property(rows, (cells) => {
      const text = table(cells.map((row) => row.map(([word, coloured]) => (coloured ? red(word) : word))))
      const starts = stripVTControlCharacters(text)
        .split('\n')
        .map((line) => [...line.matchAll(/\S+/g)].map(({ index }) => index))
      for (const line of starts) expect(line).toEqual(starts[0])
    })
  )
})

test('a duration is told in the unit that people would use', () => {
  const told: [number, string][] = [
    [0, '0 ms'],
    [850.4, '850 ms'],
    [999.6, '1.0 s'],
    [2_400, '2.4 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [65_000, '1 min 5 s'],
    [119_999, '2 min 0 s']
  ]
  expect(told.map(([ms]) => [ms, duration(ms)])).toEqual(told)
})

test('what would command the terminal is not printed; our own colours and line ends are', () => {
  const hostile = 'boom \u001b[2J\u001b]0;title\u0007\u001b[8mhidden\r\u009b1A'
  expect(printable(`${red('ours')}\n${hostile}`)).toBe(
    `${red('ours')}\n${'boom \ufffd[2J\ufffd]0;title\ufffd\ufffd[8mhidden\ufffd\ufffd1A'}`
  )
})

test('law: whatever the text, nothing but colours begins with an escape', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(stripVTControlCharacters(printable(text))).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    })
  )
})
