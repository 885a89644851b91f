// What the injector cannot do, and what is tempting to get wrong: it is recognised from outside, by its cause, and the first action that is
// proposed is the right one and helps. Each is done to real containers with Docker's own commands.
import { until } from '@triage/bus/testing'
import { netadminImage } from '@triage/runtime/docker/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildImage, docker, requireDocker } from './compose-project.ts'
import { actionsOf, WatchedShop } from './watched-shop.ts'

const shop = new WatchedShop()
const { project } = shop

beforeAll(async () => {
  await requireDocker()
  await buildImage()
  await shop.start()
}, 500_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
}, 90_000)

/** In the network namespace of a service. */
const iptables = async (service: string, ...rule: string[]): Promise<string> => {
  const network = `container:${await project.compose('ps', '--quiet', service)}`
  const rights = ['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW', '--user', 'root']
  return docker(['run', '--rm', '--network', network, ...rights, '--entrypoint', 'iptables', netadminImage, ...rule])
}
const launch = (name: string, script: string, beside: string): Promise<void> =>
  shop
    .as('injector')
    .launch(
      { name, kind: 'worker', command: ['sh', '-c', script], cwd: '/', env: {}, depends_on: [], probes: [], log_format: 'text' },
      beside
    )
const idle = 'while :; do sleep 1; done'

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
    what: 'no packet from outside arrives, and its health check has made it say so',
    hurt: async () => {
      const since = new Date().toISOString()
      await iptables('orders', '-A', 'INPUT', '!', '-i', 'lo', '-j', 'DROP')
      const lines = () => project.compose('logs', '--no-log-prefix', '--since', since, 'orders')
      await until('a complaint', async () => (await lines()).includes('no answer within'))
    },
    is: 'connection_lost orders',
    does: 'service.restart orders'
  },
  {
    what: 'a database that hangs, on which three services wait',
    hurt: async () => {
      // Until it has been found healthy once, and for as long as it may take to start, a check that fails does not count.
      await until('a healthy one', async () => (await shop.as('reader').inspect('postgres')).health === 'healthy')
      await project.compose('exec', '-T', '--user', 'postgres', 'postgres', 'bash', '-c', 'kill -STOP -1')
      await project.compose('kill', '--signal', 'STOP', 'postgres')
    },
    is: 'process_hung postgres',
    does: 'service.restart postgres'
  },
  {
    what: 'removed',
    hurt: () => project.compose('rm', '--stop', '--force', 'orders'),
    is: 'process_exited orders',
    does: 'service.start orders'
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
