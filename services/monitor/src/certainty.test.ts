import { expect, test } from 'vitest'
import { isCertain } from './certainty.ts'
import { failing, look, workload } from './test-look.ts'

const refused = { ok: false, failure: 'refused' } as const
const shop = (more: Parameters<typeof workload>[1] = {}) => [
  workload('storefront', { depends_on: ['orders', 'catalog'] }),
  workload('orders', { depends_on: ['storefront'] }),
  workload('catalog', { depends_on: ['postgres'] }),
  workload('postgres', more)
]

test('a probe that has just begun to fail may be noise', () => {
  expect(isCertain(look())).toBe(true)
  expect(isCertain(look({ workloads: shop(), failing: [failing('catalog', refused, 1)] }))).toBe(false)
  expect(isCertain(look({ workloads: shop(), failing: [failing('catalog', refused, 2), failing('postgres', refused, 1)] }))).toBe(false)
  expect(isCertain(look({ workloads: shop(), failing: [failing('catalog', refused, 2)] }))).toBe(true)
})

test('where something does not run, what fails there and at those who need it is no noise; what fails elsewhere may be', () => {
  const down = shop({ status: 'exited', exit_signal: 'SIGKILL' })
  const first = ['postgres', 'catalog', 'storefront'].map((name) => failing(name, refused, 1))
  expect(isCertain(look({ workloads: down, failing: first }))).toBe(true)
  const elsewhere = [...down, workload('mailer')]
  expect(isCertain(look({ workloads: elsewhere, failing: [...first, failing('mailer', refused, 1)] }))).toBe(false)
})
