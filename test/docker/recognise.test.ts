// What goes wrong with containers is recognised from outside, by its cause, and the first action that is proposed is the right one and
// helps. Each is done to real containers with Docker's own commands; the last ones are tempting to get wrong.
import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildImage, docker, requireDocker } from './compose-project.ts'
import { actionsOf, WatchedShop } from './watched-shop.ts'

const shop = new WatchedShop()
const { project } = shop
const toolImage = `triage-test-iptables:${process.pid}`

beforeAll(async () => {
  await requireDocker()
  await buildImage()
  await buildToolImage()
  await shop.start()
}, 500_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  await docker(['image', 'rm', '--force', toolImage])
}, 90_000)

/** What packets are dropped with: neither the shop's images nor this machine need have it. */
function buildToolImage(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = execFile('docker', ['build', '--quiet', '--network', 'host', '--tag', toolImage, '-'], (error) =>
    error ? reject(error) : resolve()
  )
  child.stdin!.end('FROM node:24-trixie-slim\nRUN apt-get update -qq && apt-get install -y -qq --no-install-recommends iptables\n')
  return promise
}

const idOf = (service: string): Promise<string> => project.compose('ps', '--quiet', service)
const inside = (service: string, script: string): Promise<string> => project.compose('exec', '-T', service, 'bash', '-c', script)
/** In the network namespace of a service. */
const iptables = async (service: string, ...rule: string[]): Promise<string> => {
  const rights = ['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW', '--user', 'root']
  return docker(['run', '--rm', '--network', `container:${await idOf(service)}`, ...rights, toolImage, 'iptables', ...rule])
}
const reconfigure = async (service: string, change: (config: { command: string[]; environment: Record<string, string> }) => void) => {
  const runtime = shop.as('injector')
  const config = JSON.parse((await runtime.getConfig(service)).text)
  change(config)
  await runtime.setConfig(service, JSON.stringify(config))
}
const launch = (name: string, script: string, beside: string): Promise<void> =>
  shop
    .as('injector')
    .launch(
      { name, kind: 'worker', command: ['sh', '-c', script], cwd: '/', env: {}, depends_on: [], probes: [], log_format: 'text' },
      beside
    )
const idle = 'while :; do sleep 1; done'
const busy = (n: number): string => `for i in $(seq ${n}); do (while :; do :; done) & done; wait`
const drop = (service: string, port: number, target: string[]) =>
  iptables(service, '-A', 'OUTPUT', '-p', 'tcp', '--dport', String(port), '-j', ...target)

interface Case {
  what: string
  hurt: () => Promise<unknown>
  is: string
  does: string
  /** What ends with the workload that the action stops, or what the action leaves to be tidied up. */
  after?: () => Promise<unknown>
}

const cases: Case[] = [
  {
    what: 'stopped',
    hurt: () => project.compose('stop', '--timeout', '1', 'catalog'),
    is: 'process_exited catalog',
    does: 'service.start catalog'
  },
  { what: 'killed', hurt: () => project.compose('kill', 'redis'), is: 'process_exited redis', does: 'service.start redis' },
  {
    what: 'removed',
    hurt: () => project.compose('rm', '--stop', '--force', 'orders'),
    is: 'process_exited orders',
    does: 'service.start orders'
  },
  { what: 'paused', hurt: () => project.compose('pause', 'orders'), is: 'process_paused orders', does: 'service.start orders' },
  // Its init process is spared: the service hangs, the container does not.
  { what: 'hung', hurt: () => inside('catalog', 'kill -STOP -1'), is: 'process_hung catalog', does: 'service.restart catalog' },
  {
    what: 'a drifted environment',
    hurt: () =>
      reconfigure('orders', ({ environment }) => {
        environment.DATABASE_URL = environment.DATABASE_URL!.replace('@postgres:', '@db-old.invalid:')
      }),
    is: 'config_drift orders',
    does: 'config.restore orders'
  },
  {
    what: 'a wrong command, which ends again and again',
    hurt: () =>
      reconfigure('catalog', (config) => {
        config.command = ['minicloud/src/catalogue.ts']
      }),
    is: 'config_drift catalog',
    does: 'config.restore catalog'
  },
  {
    what: 'busy processes inside it',
    hurt: () => project.compose('exec', '--detach', 'catalog', 'sh', '-c', busy(60)),
    is: 'cpu_saturated catalog',
    does: 'service.restart catalog'
  },
  {
    what: 'a neighbour that eats the processor',
    // Its share of the processor would be no more than anybody's.
    hurt: async () => {
      await launch('reindex-17', busy(20), 'catalog')
      await docker(['update', '--cpu-shares', '262144', `${project.name}-launched-reindex-17`])
    },
    is: 'cpu_hog reindex-17',
    does: 'workload.stop reindex-17',
    after: () => shop.as('injector').remove('reindex-17')
  },
  {
    what: 'off a network',
    hurt: async () => docker(['network', 'disconnect', `${project.name}_data`, await idOf('orders')]),
    is: 'network_detached orders',
    does: 'network.attach orders'
  },
  {
    what: 'a neighbour that resets connections',
    hurt: async () => {
      await launch('log-shipper-4', idle, 'orders')
      await drop('orders', 5432, ['REJECT', '--reject-with', 'tcp-reset'])
    },
    is: 'undeclared_neighbour log-shipper-4',
    does: 'workload.stop log-shipper-4',
    after: async () => {
      await iptables('orders', '-F', 'OUTPUT')
      await shop.as('injector').remove('log-shipper-4')
    }
  },
  {
    what: 'packets to the database are dropped',
    hurt: () => drop('orders', 5432, ['DROP']),
    is: 'connection_lost orders',
    does: 'service.restart orders'
  },
  {
    what: 'no packet from outside arrives',
    hurt: () => iptables('orders', '-A', 'INPUT', '!', '-i', 'lo', '-j', 'DROP'),
    is: 'connection_lost orders',
    does: 'service.restart orders'
  },
  {
    what: 'a poisoned key',
    hurt: () => project.compose('exec', '-T', 'redis', 'redis-cli', 'SET', 'catalog:product:1', '{"id":1,"name":"Kett'),
    is: 'cache_poison catalog',
    does: 'cache.delete_key redis'
  },
  {
    what: 'a database that hangs, on which three services wait',
    hurt: async () => {
      await project.compose('exec', '-T', '--user', 'postgres', 'postgres', 'bash', '-c', 'kill -STOP -1')
      await project.compose('kill', '--signal', 'STOP', 'postgres')
    },
    is: 'process_hung postgres',
    does: 'service.restart postgres'
  },
  {
    what: 'killed, with a neighbour that harms nobody',
    hurt: async () => {
      await launch('thumbnailer-9', idle, 'orders')
      await project.compose('kill', 'orders')
    },
    is: 'process_exited orders',
    does: 'service.start orders',
    after: () => shop.as('injector').remove('thumbnailer-9')
  }
]

test('a shop that is well is left alone, and a round of observation does not take seconds', async () => {
  const { decision, tookMs } = await shop.diagnose()
  expect(decision.hypotheses[0]).toMatchObject({ cause: 'no_fault' })
  console.log(`a round of observation takes ${Math.round(tookMs)} ms`)
})

test.each(cases)('$what: $is', async ({ hurt, is, does, after = async () => {} }) => {
  const began = performance.now()
  let recognised = began
  try {
    await hurt()
    const { decision, observations } = await shop.firstAction()
    recognised = performance.now()
    const [{ cause, service } = { cause: '' }] = decision.hypotheses
    const said = { is: `${cause} ${service}`, does: actionsOf(decision).map(({ type, target }) => `${type} ${target}`) }
    expect(said, observations.map(({ summary }) => summary).join('\n')).toEqual({ is, does: [does] })
    for (const task of actionsOf(decision)) await shop.carryOut(task)
  } finally {
    await after()
  }
  await shop.well()
  const seconds = (ms: number): string => (ms / 1000).toFixed(1)
  console.log(`${does}: recognised after ${seconds(recognised - began)} s, well after ${seconds(performance.now() - recognised)} s more`)
})
