import fc from 'fast-check'
import { expect, test } from 'vitest'
import { natsServer, redisServer } from './program.ts'
import { compareVersions, isAtLeast, parseVersion } from './version.ts'

const part = fc.nat({ max: 40 })
const version = fc.tuple(part, part, part).map((parts) => parts.join('.'))

test('a version is read from what the program prints', () => {
  fc.assert(
    fc.property(version, fc.constantFrom('', '-RC.1', '-dev', '\n'), (x, suffix) => {
      expect(parseVersion(natsServer.pattern, `nats-server: v${x}${suffix}`)).toBe(x)
      expect(parseVersion(redisServer.pattern, `Redis server v=${x} sha=00000000:0 malloc=libc bits=64`)).toBe(x)
    })
  )
})

test.each(['', 'nats: v0.2.0', 'true (GNU coreutils) 9.1.0', 'not nats-server: v2.15.1', 'nats-server: v2'])(
  '%j is no nats-server',
  (output) => {
    expect(parseVersion(natsServer.pattern, output)).toBeNull()
  }
)

test('Valkey passes for redis-server', () => {
  expect(parseVersion(redisServer.pattern, 'Valkey server v=8.1.0 sha=00000000:1 malloc=jemalloc-5.3.0 bits=64')).toBe('8.1.0')
})

test('versions are ordered as numbers, totally', () => {
  expect(isAtLeast('2.10.0', '2.9.25')).toBe(true)
  expect(isAtLeast('2.9.25', '2.10.0')).toBe(false)
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)))
      expect(compareVersions(a, b) === 0).toBe(a === b)
      if (isAtLeast(a, b) && isAtLeast(b, c)) expect(isAtLeast(a, c)).toBe(true)
    })
  )
})
