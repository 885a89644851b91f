import { expect, test } from 'vitest'
import { figure, markdown, ratio } from './markdown.ts'

test('figures keep what matters', () => {
  expect([0.12345, 9.876, 99.94, 100.4, 12_345.6].map(figure)).toEqual(['0.123', '9.88', '99.9', '100', '12,346'])
  expect(ratio(3, 2)).toBe('1.5×')
})

test('columns line up: text to the left, figures to the right', () => {
  const table = {
    title: 'Colours',
    columns: ['', 'per second'],
    rows: [
      ['red', '1'],
      ['ultramarine', '12,346']
    ],
    note: 'Seen twice.'
  }
  expect(markdown(table).split('\n')).toEqual([
    '**Colours**',
    '',
    '|             | per second |',
    '| ----------- | ---------: |',
    '| red         |          1 |',
    '| ultramarine |     12,346 |',
    '',
    'Seen twice.'
  ])
})
