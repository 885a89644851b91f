import type { ContainerInspectInfo } from 'dockerode'
import { expect, test } from 'vitest'
import { imageName, kindOf } from './kind.ts'
import { badProbeLabels, metricsUrlOf, probesOf } from './probes.ts'

interface Given {
  image?: string
  exposed?: number[]
  /** Container port and host port. */
  published?: [number, number][]
  test?: string[]
  labels?: Record<string, string>
  ip?: string
}

function container({ image = 'shop:1', exposed = [], published = [], test, labels = {}, ip = '172.18.0.2' }: Given): ContainerInspectInfo {
  const ports = Object.fromEntries(published.map(([port, host]) => [`${port}/tcp`, [{ HostIp: '0.0.0.0', HostPort: String(host) }]]))
  return {
    Config: {
      Image: image,
      ExposedPorts: Object.fromEntries(exposed.map((port) => [`${port}/tcp`, {}])),
      Labels: { 'com.docker.compose.service': 'web', ...labels },
      ...(test && { Healthcheck: { Test: test } })
    },
    HostConfig: { PortBindings: ports },
    NetworkSettings: { Ports: ports, Networks: { default: { IPAddress: ip } } }
  } as unknown as ContainerInspectInfo
}
const urls = (given: Given, vantage: 'host' | 'network' = 'host') => probesOf(container(given), vantage).map(({ url }) => url)

test('an image has a name, and a name a kind', () => {
  expect(['redis', 'redis:8', 'registry.example:5000/library/redis@sha256:00'].map(imageName)).toEqual(['redis', 'redis', 'redis'])
  const kinds = ['postgres:17', 'valkey/valkey:8', 'nats:2.15-alpine', 'toString', 'shop:1'].map((image) => kindOf(image, undefined, true))
  expect(kinds).toEqual(['database', 'cache', 'queue', 'service', 'service'])
  expect(kindOf('shop:1', undefined, false)).toBe('worker')
  expect(kindOf('shop:1', 'queue', false)).toBe('queue')
  expect(kindOf('shop:1', 'nonsense', false)).toBe('worker')
})

test('probes come from published ports, else from the one port that is known', () => {
  expect(urls({ published: [[80, 8080]], exposed: [80, 443] })).toEqual(['tcp://127.0.0.1:8080'])
  expect(urls({ published: [[80, 8080]] }, 'network')).toEqual(['tcp://web:80'])
  expect(urls({ image: 'nats:2', exposed: [4222, 6222, 8222] })).toEqual(['tcp://172.18.0.2:4222'])
  expect(urls({ exposed: [3000] })).toEqual(['tcp://172.18.0.2:3000'])
  expect(urls({ exposed: [3000, 3001] })).toEqual([])
  expect(urls({ exposed: [3000], ip: '' })).toEqual([])
})

test('a health check that shows a URL makes an HTTP probe', () => {
  const test = ['CMD-SHELL', "curl -fs 'http://localhost:3000/healthz?full=1' || exit 1"]
  expect(urls({ exposed: [3000], test })).toEqual(['http://172.18.0.2:3000/healthz?full=1'])
  expect(urls({ published: [[3000, 80]], test: ['CMD', 'wget', 'http://127.0.0.1:3000'] }, 'network')).toEqual(['http://web:3000/'])
  expect(urls({ test: ['CMD', 'curl', 'https://localhost/'] })).toEqual(['tcp://172.18.0.2:443'])
  expect(urls({ test: ['CMD', 'curl', 'http://elsewhere/'] })).toEqual([])
})

test("the owner's labels say how to probe, by name; nothing is guessed then, and what says nothing is told", () => {
  const labels = {
    'triage.probe.alive': 'http://:8080/healthz',
    'triage.probe.db': 'tcp://:5432',
    'triage.probe.home': 'http://:8080',
    'triage.probe.odd': 'http://elsewhere:80/',
    'triage.probe.Not A Name': 'tcp://:1'
  }
  const found = probesOf(container({ labels, published: [[3000, 80]] }), 'network')
  expect(found.map(({ name, url }) => `${name} ${url}`)).toEqual([
    'alive http://web:8080/healthz',
    'db tcp://web:5432',
    'home http://web:8080/'
  ])
  expect(badProbeLabels(labels)).toEqual(['triage.probe.odd', 'triage.probe.Not A Name'])
})

test('a metrics endpoint comes from labels', () => {
  const url = (labels: Record<string, string>) => metricsUrlOf(container({ labels, exposed: [3000] }), 'network')
  expect(url({ 'prometheus.io/scrape': 'true' })).toBe('http://web:3000/metrics')
  expect(url({ 'prometheus.io/port': '9100', 'prometheus.io/path': '/m' })).toBe('http://web:9100/m')
  expect(url({ 'prometheus.scrape': 'true', 'prometheus.scheme': 'https' })).toBe('https://web:3000/metrics')
  expect(url({ 'prometheus.io/scrape': 'false', 'prometheus.io/port': '9100' })).toBeNull()
  expect(url({})).toBeNull()
})
