import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { find, read } from './files.ts'

interface Service {
  image: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  mem_limit?: string
  cpus?: number
  privileged?: boolean
  network_mode?: string
  networks?: string[]
  volumes?: string[]
  ports?: string[]
  healthcheck?: object
  labels?: Record<string, string>
  build?: string
  depends_on?: Record<string, { condition: string }>
}
interface Rule {
  alert: string
  expr: string
  annotations: { summary?: string }
}

const load = <T>(path: string): T => parse(read(path), { merge: true, maxAliasCount: -1 }) as T
const services = find('compose/*.yaml').flatMap((path) =>
  Object.entries(load<{ services: Record<string, Service> }>(path).services).map(([name, service]) => ({
    path: basename(path),
    name,
    service
  }))
)
const ours = ({ image }: Service): boolean => /^\$\{TRIAGE_(NETADMIN_)?IMAGE/.test(image)

test.each(services)('$path: $name is confined and bounded', ({ service }) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
  expect(service.mem_limit).toMatch(/^\d+m$/)
  expect(service.cpus).toBeGreaterThan(0)
  expect(service.privileged).toBeUndefined()
  expect(service.network_mode ?? 'none').toBe('none')
  // Published on this machine alone.
  for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
})

test.each(services)('$path: $name has a health check and a version', ({ service }) => {
  if (ours(service)) return
  expect(service.healthcheck).toBeDefined()
  expect(service.image).toMatch(/:\D*\d/)
})

const mounting = (volume: RegExp): string[] =>
  services.filter(({ service }) => (service.volumes ?? []).some((mount) => volume.test(mount))).map(({ name }) => name)

test('the proxy alone reaches the socket of the engine, and only those reach the proxy that have business there', () => {
  expect(mounting(/docker\.sock/)).toEqual(['docker-proxy'])
  const near = services.filter(({ service }) => service.networks?.includes('engine')).map(({ name }) => name)
  const looking = ['monitor', 'metric-agent', 'log-agent']
  expect(near.sort()).toEqual([...looking, 'action-agent', 'baseline', 'docker-proxy', 'injector', 'operator'].sort())
})

test('the planner alone may get out to models, and nobody unless it is opened', () => {
  const { networks } = load<{ networks: Record<string, { internal?: string }> }>('compose/swarm.yaml')
  expect(networks.model!.internal).toMatch(/^\$\{\w+:-true\}$/)
  expect(services.filter(({ service }) => service.networks?.includes('model')).map(({ name }) => name)).toEqual(['planner'])
})

test('what a container keeps to itself no other mounts, but the one that makes it', () => {
  const { volumes } = load<{ volumes: Record<string, object> }>('compose/swarm.yaml')
  const shared = ['keys', 'fingerprints', 'configurations']
  for (const volume of Object.keys(volumes).filter((name) => !shared.includes(name))) {
    const holder = volume === 'provisioner' ? 'provision' : volume
    expect(mounting(new RegExp(`^${volume}:`)).filter((name) => !['setup', 'nats-box', holder].includes(name))).toEqual([])
  }
  // Configurations hold secrets: they are for who writes them down and who repairs with them.
  expect(mounting(/^configurations:/).sort()).toEqual(['action-agent', 'baseline', 'setup'])
  // The keys of all are written by who makes them and by who rotates them.
  expect(mounting(/^keys:(?!.*:ro$)/).sort()).toEqual(['operator', 'setup'])
})

test('the swarm looks at the shop and at nothing of its own', () => {
  const watched = services.filter(({ service }) => service.labels?.['triage.watch'] !== 'false').map(({ name }) => name)
  expect(watched.sort()).toEqual(['catalog', 'fulfilment', 'orders', 'postgres', 'queue', 'redis', 'storefront'])
})

test('what a service waits for is there', () => {
  const names = services.map(({ name }) => name)
  for (const { name, service } of services)
    for (const needed of Object.keys(service.depends_on ?? {})) expect([name, needed, names.includes(needed)]).toEqual([name, needed, true])
})

test('Prometheus scrapes what says that it is to be scraped, by the name that its containers have', () => {
  const { scrape_configs } = load<{ scrape_configs: { static_configs: { targets: string[]; labels: { service: string } }[] }[] }>(
    'compose/prometheus/prometheus.yml'
  )
  const scraped = scrape_configs.flatMap(({ static_configs }) => static_configs)
  for (const { targets, labels } of scraped) expect(targets).toEqual([`${labels.service}:8080`])
  const shop = load<{ services: Record<string, { labels?: Record<string, string> }> }>('compose/minicloud.yaml').services
  const labelled = Object.entries(shop).filter(([, { labels }]) => labels?.['prometheus.io/scrape'] === 'true')
  expect(scraped.map(({ labels }) => labels.service).sort()).toEqual(labelled.map(([name]) => name).sort())
})

test('every rule says what is wrong, and asks for metrics that the shop has', () => {
  const { groups } = load<{ groups: { rules: Rule[] }[] }>('compose/prometheus/rules.yml')
  const sources = find('minicloud/src/**/*.ts').map(read).join('\n')
  for (const { alert, expr, annotations } of groups.flatMap(({ rules }) => rules)) {
    expect([alert, Boolean(annotations.summary)]).toEqual([alert, true])
    const metrics = [...expr.matchAll(/\b([a-z_]+)\{/g)].map(([, metric]) => metric!.replace(/_bucket$/, ''))
    expect([alert, metrics.length > 0]).toEqual([alert, true])
    for (const metric of metrics.filter((name) => name !== 'up'))
      expect([alert, metric, sources.includes(`'${metric}'`)]).toEqual([alert, metric, true])
  }
})
