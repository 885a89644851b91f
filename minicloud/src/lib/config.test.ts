import { expect, test } from 'vitest'
import type { CatalogConfig } from '../catalog.ts'
import { configFrom } from './config.ts'
import { cache, database, number, queue, text } from './environment.ts'

const env = { PORT: '9000', DATABASE_URL: 'postgres://shop:p%40ss@postgres:5433/orders', REDIS_URL: 'redis://redis' }

test('what a container is told gives the settings that a file would', () => {
  expect(configFrom<CatalogConfig>({ database, cache }, env)).toEqual({
    port: 9000,
    database: { host: 'postgres', port: 5433, user: 'shop', password: 'p@ss', name: 'orders' },
    cache: { host: 'redis', port: 6379 }
  })
  expect(configFrom({}, { HOST: '0.0.0.0' })).toEqual({ port: 8080, host: '0.0.0.0' })
})

test('what is missing or wrong is named, without its value', () => {
  const read = (reader: (env: Record<string, string>) => unknown, given: Record<string, string>) => () => reader(given)
  expect(read(database, {})).toThrow('DATABASE_URL is not set')
  expect(read(database, { DATABASE_URL: 'shop:secret' })).not.toThrow('secret')
  expect(read(cache, { REDIS_URL: 'redis' })).toThrow('REDIS_URL is not an address')
  expect(read(queue, { QUEUE_URL: '' })).toThrow('QUEUE_URL is not set')
  expect(read(text('TARGET_URL'), {})).toThrow('TARGET_URL is not set')
  expect(read(number('SEED', 1), { SEED: 'x' })).toThrow('SEED is not a number')
  expect(number('SEED', 1)({})).toBe(1)
})
