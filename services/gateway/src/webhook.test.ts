// The webhook over HTTP, the intake and the gateway on a real nats-server.
import { Agent, request } from 'node:http'
import { testSwarm } from '@triage/actor/testing'
import { until } from '@triage/bus/testing'
import { type Alert, limits, TriageError } from '@triage/contracts'
import { type Fact, fold, type IncidentState, initialState } from '@triage/incident'
import { createLog } from '@triage/log'
import { expect, test } from 'vitest'
import { AlertIntake } from './alert-intake.ts'
import { Gateway } from './gateway.ts'
import { webhookOf } from './test-alerts.ts'
import { serveWebhook, type WebhookOptions } from './webhook.ts'

const token = 'a token of this test'
const agent = new Agent({ keepAlive: true, maxSockets: 50 })

interface Answer {
  status: number
  code?: string
}
/** Posts a body; `claims` are headers beside the token. */
function post(port: number, body: string | Uint8Array, claims: Record<string, string> = {}, path = '/webhook/alerts'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...claims }
    const posting = request({ port, path, agent, method: 'POST', headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, code: JSON.parse(text).code }))
    })
    posting.on('error', reject)
    posting.end(body)
  })
}

async function webhook(keep: WebhookOptions['keep']) {
  const { port, stop } = await serveWebhook({ host: '127.0.0.1', port: 0, token, keep, log: createLog('gateway', '1', 'silent') })
  return { port, post: post.bind(null, port), [Symbol.asyncDispose]: stop }
}

/** A gateway with its webhook on a bus of its own. */
async function gateway() {
  const swarm = await testSwarm(['gateway'])
  const actor = await swarm.actor('gateway')
  const running = await new Gateway(actor).start()
  const intake = new AlertIntake(actor.bus)
  const server = await webhook((alerts) => intake.add(alerts))
  /** Every incident, folded from what is on record, when all that was taken in has been decided. */
  const incidents = async (): Promise<IncidentState[]> => {
    const states = new Map<string, IncidentState>()
    for await (const stored of actor.bus.history('INCIDENTS')) {
      const { envelope, payload } = actor.inbox.fact(stored)!
      const fact = { ...envelope, at: stored.at, payload } as unknown as Fact
      states.set(fact.incident_id, fold(states.get(fact.incident_id) ?? initialState(fact.incident_id), fact))
    }
    return [...states.values()]
  }
  const dispose = async (): Promise<void> => {
    await server[Symbol.asyncDispose]()
    await running.stop()
    await swarm[Symbol.asyncDispose]()
  }
  return { bus: swarm.root, post: server.post, incidents, [Symbol.asyncDispose]: dispose }
}
const body = (...alerts: object[]): string => JSON.stringify(webhookOf(alerts))
const held = (states: IncidentState[]): Alert[] => states.flatMap(({ alerts }) => Object.values(alerts))

test('without the token nothing is read; what is too long, of another version or no message is refused with its code', async () => {
  const kept: Alert[] = []
  await using server = await webhook(async (alerts) => void kept.push(...alerts))
  const answers = [
    await server.post(body({}), { authorization: '' }),
    await server.post(body({}), { authorization: `Bearer ${token}x` }),
    await server.post(Buffer.alloc(5 * 1024 ** 2, 32)),
    await server.post(Buffer.alloc(5 * 1024 ** 2, 32), { authorization: 'Bearer wrong' }),
    await server.post(JSON.stringify({ ...webhookOf([{}]), version: '3' })),
    await server.post('{'),
    await server.post(body({}), {}, '/webhook'),
    await server.post(body({}))
  ]
  expect(answers).toEqual([
    { status: 401, code: 'E_WEBHOOK_TOKEN' },
    { status: 401, code: 'E_WEBHOOK_TOKEN' },
    { status: 413, code: 'E_WEBHOOK_TOO_LONG' },
    { status: 401, code: 'E_WEBHOOK_TOKEN' },
    { status: 400, code: 'E_WEBHOOK_VERSION' },
    { status: 400, code: 'E_WEBHOOK_SCHEMA' },
    { status: 404, code: undefined },
    { status: 200, code: undefined }
  ])
  expect(kept).toHaveLength(1)
})

test('what cannot be kept is answered so that it comes again', async () => {
  await using server = await webhook(() => Promise.reject(new TriageError('E_BUS_UNREACHABLE', 'the bus is away')))
  expect(await server.post(body({}))).toEqual({ status: 503, code: 'E_BUS_UNREACHABLE' })
  const busy = new AlertIntake({ append: () => new Promise(() => {}) })
  const alerts = Array.from(
    { length: 20_001 },
    (_, n): Alert => ({ fingerprint: n.toString(16), status: 'firing', name: 'x', starts_at: '' })
  )
  await expect(busy.add(alerts)).rejects.toMatchObject({ code: 'E_WEBHOOK_BUSY' })
})

test('an alert opens an incident, told again it changes nothing, and it is on record when it is resolved', async () => {
  await using swarm = await gateway()
  const resolved = { status: 'resolved', endsAt: '2026-01-01T12:05:00Z' }
  expect(await swarm.post(body({}, { fingerprint: 'b2' }))).toMatchObject({ status: 200 })
  expect((await swarm.bus.size('INTAKE')).lastSeq).toBe(1)
  await swarm.post(body({}))
  await swarm.post(body(resolved))
  await swarm.post(body({ ...resolved, fingerprint: 'c3' }))
  // Two alerts of another service at the same moment are another message, but until somebody has looked not another incident.
  await swarm.post(body({ fingerprint: 'd4', labels: { alertname: 'TargetDown', service: 'orders' } }))
  const states = await until('all that was taken in', async () => {
    const found = await swarm.incidents()
    return held(found).length === 3 && found.length === 2 ? found : null
  })
  const [incident, rejected] = states as [IncidentState, IncidentState]
  expect(incident).toMatchObject({ report: { service: 'catalog', reporter: 'alertmanager' }, merged: 0 })
  expect(held([incident]).map(({ fingerprint, status }) => [fingerprint, status])).toEqual([
    ['a1', 'resolved'],
    ['b2', 'firing'],
    ['d4', 'firing']
  ])
  expect(rejected.rejected).toMatchObject({ code: 'E_ALERT_UNKNOWN' })
})

test('a storm of ten thousand alerts becomes few incidents, and none is lost', async () => {
  await using swarm = await gateway()
  const alert = (n: number) => ({
    fingerprint: n.toString(16),
    labels: { alertname: `Rule${n % 50}`, service: n % 3 === 0 ? `service-${n % 40}` : `stranger-${n}` },
    annotations: { summary: `number ${n} of many` }
  })
  const numbers = Array.from({ length: 10_000 }, (_, n) => n)
  // A thousand messages of one alert each, the others in groups of up to five hundred.
  const groups = [
    ...numbers.slice(0, 1000).map((n) => [n]),
    ...Array.from({ length: 18 }, (_, i) => numbers.slice(1000 + i * 500, 1500 + i * 500))
  ]
  const answers = await Promise.all(groups.map((group) => swarm.post(body(...group.map(alert)))))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const { lastSeq } = await swarm.bus.size('INTAKE')
  const facts = async () => (await swarm.bus.size('INCIDENTS')).messages
  await until('every message to be decided', async () => (await facts()) >= lastSeq)
  const states = await swarm.incidents()
  expect(new Set(held(states).map(({ fingerprint }) => fingerprint)).size).toBe(10_000)
  expect(states.length).toBeLessThanOrEqual(limits.alert_incidents + 1)
})
