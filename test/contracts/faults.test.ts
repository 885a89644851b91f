import { expect, test } from 'vitest'
import { faults } from '../../services/injector/src/faults/catalogue.ts'
import { read } from './files.ts'

test('the reference names every fault as it is, and no other', () => {
  const rows = read('docs/reference/faults.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').slice(0, 4).join(' | '))
  const wanted = Object.entries(faults).map(([name, { description, runtimes, targets }]) =>
    [`| \`${name}\``, description, runtimes.join(', '), targets.join(', ')].join(' | ')
  )
  expect(rows).toEqual(wanted)
})

test('nothing but the shop is ever a target', () => {
  const shop = ['catalog', 'orders', 'storefront', 'fulfilment', 'redis', 'queue', 'postgres']
  for (const [name, { targets, runtimes }] of Object.entries(faults)) {
    expect([name, targets.filter((target) => !shop.includes(target))]).toEqual([name, []])
    expect([name, targets.length > 0 && runtimes.length > 0]).toEqual([name, true])
  }
})
