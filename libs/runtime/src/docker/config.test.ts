import { expect, test } from 'vitest'
import { type ContainerConfig, configHash, fingerprintOf, parseConfig, textOf } from './config.ts'
import { differences, redact } from './fingerprint.ts'

const config: ContainerConfig = {
  image: 'shop:1',
  command: ['serve'],
  entrypoint: null,
  environment: { PASSWORD: 'hunter2', SIZE: '5' },
  files: { '/etc/app.json': '{}' },
  limits: { memory_bytes: 2 ** 26, cpus: null }
}
const redacted: ContainerConfig = {
  ...config,
  environment: { PASSWORD: redact('hunter2'), SIZE: redact('5') },
  files: { '/etc/app.json': redact('{}') }
}

test('who sees digests gets the same hash as who sees values, and no text', () => {
  expect(configHash(redacted)).toBe(configHash(config))
  expect(JSON.stringify(fingerprintOf(config))).not.toContain('hunter2')
  expect(parseConfig(textOf(config).text, config)).toEqual(config)
  expect(() => textOf(redacted)).toThrow(expect.objectContaining({ code: 'E_RUNTIME_FORBIDDEN' }))
})

test('differences name keys', () => {
  const { SIZE: _, ...environment } = config.environment
  const other = {
    ...config,
    limits: { memory_bytes: 2 ** 25, cpus: null },
    command: ['serve', '-v'],
    environment: { ...environment, PASSWORD: 'swordfish', NEW: '' }
  }
  expect(differences(fingerprintOf(config), fingerprintOf(other)).toSorted()).toEqual([
    'command',
    'environment.NEW',
    'environment.PASSWORD',
    'environment.SIZE',
    'limits.memory_bytes'
  ])
})

test.each([
  ['not JSON', '{'],
  ['no object', '[]'],
  ['a key is missing', JSON.stringify({ ...config, image: undefined })],
  ['a key too many', JSON.stringify({ ...config, privileged: true })],
  ['no image', JSON.stringify({ ...config, image: '' })],
  ['a command of text', JSON.stringify({ ...config, command: 'serve' })],
  ['a number as a value', JSON.stringify({ ...config, environment: { SIZE: 5 } })],
  ['a name with =', JSON.stringify({ ...config, environment: { 'A=B': '' } })],
  ['a NUL', JSON.stringify({ ...config, environment: { A: '\0' } })],
  ['a relative path', JSON.stringify({ ...config, files: { 'etc/x': '' } })],
  ['a limit of nothing', JSON.stringify({ ...config, limits: { memory_bytes: 0, cpus: null } })],
  ['a limit too many', JSON.stringify({ ...config, limits: { memory_bytes: null, cpus: null, pids: 1 } })],
  ['a path that climbs', JSON.stringify({ ...config, files: { '/etc/../x': '' } })]
])('a configuration is refused: %s', (_, text) => {
  expect(() => parseConfig(text, config)).toThrow(expect.objectContaining({ code: 'E_RUNTIME_UNSUPPORTED' }))
})
