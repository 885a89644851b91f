import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { startNats } from '@triage/bus/testing'
import type { InjectRequest, InjectResponse, Opened } from '@triage/contracts'
import { openMessage, ReplayGuard, type SealedMessage, Sealer } from '@triage/envelope'
import { singleKey } from '@triage/keyring'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { type Summary, timeInTurn } from './lib/durations.ts'
import { figure, ratio } from './lib/markdown.ts'

const payloadBytes = 512
const keys = singleKey(randomBytes(32))

const sized = <P>(make: (padding: string) => P): P => make('x'.repeat(payloadBytes - JSON.stringify(make('')).length))

const opened: Opened = sized((text) => ({
  report: { text, truncated: false, sha256: 'a'.repeat(64), bytes: text.length, intake_seq: 1, received_at: new Date().toISOString() }
}))
const request: InjectRequest = { command: 'list' }
const response: InjectResponse = sized((message) => ({ ok: false, error: { code: 'E_FAULT_UNKNOWN', message }, injections: [] }))

const read = (subject: string, audience: string, replay: ReplayGuard, { body, headers }: SealedMessage): void =>
  void openMessage(body, (name) => headers[name as keyof typeof headers] ?? '', {
    subject,
    keys,
    audiences: [audience],
    replay,
    now: Date.now()
  })

/** Seals a message and opens it, `rounds` times. */
async function sealAndOpen(rounds: number): Promise<Record<'seal' | 'open', Summary>> {
  const sealer = new Sealer('gateway', 1, keys)
  const replay = new ReplayGuard()
  const subject = 'incident.inc-20260101-1.opened'
  let sealed: SealedMessage
  return timeInTurn(rounds, {
    seal: (round) => {
      const about = { id: `bench:${round}`, type: 'incident.opened.v1', incident_id: 'inc-20260101-1' } as const
      sealed = sealer.seal({ ...about, subject, audience: 'swarm', payload: opened })
    },
    open: () => read(subject, 'swarm', replay, sealed)
  })
}

/** Asks and answers over one pair of connections: the same payloads as they are, then signed and verified on both sides. */
async function requestReply(rounds: number): Promise<Record<'raw' | 'signed', Summary>> {
  await using server = await startNats()
  const asker = await server.connect('root')
  const answerer = await server.connect('root')
  try {
    const [ask, answer] = [request, response].map((payload) => Buffer.from(JSON.stringify(payload)))
    answerer.connection.subscribe('raw', { callback: (_, message) => void message.respond(answer) })

    const operator = new Sealer('operator', 1, keys)
    const injector = new Sealer('injector', 1, keys)
    const [asked, answered] = [new ReplayGuard(), new ReplayGuard()]
    const subject = 'control.injector'
    answerer.listen(subject, (message, reply, respond) => {
      openMessage(message.body, message.header, { subject, keys, audiences: ['injector'], replay: asked, now: Date.now() })
      const about = { id: reply, type: 'control.inject-response.v1', subject: reply } as const
      const { body, headers } = injector.seal({ ...about, audience: 'operator', payload: response })
      respond(body, headers)
    })
    await answerer.connection.flush()
    return await timeInTurn(rounds, {
      raw: async () => void (await asker.connection.request('raw', ask, { timeout: 5_000 })),
      signed: async (round) => {
        const about = { id: `bench:${round}`, type: 'control.inject-request.v1', subject } as const
        const { body, headers } = operator.seal({ ...about, audience: 'injector', payload: request })
        const reply = await asker.request(subject, body, headers, 5_000)
        const context = { subject: reply.subject, keys, audiences: ['operator'], replay: answered, now: Date.now() }
        openMessage(reply.body, reply.header, context)
      }
    })
  } finally {
    await Promise.all([asker.close(), answerer.close()])
  }
}

const microseconds = ({ mean, p50, p99 }: Summary): string[] => [figure(1000 / mean), figure(p50 * 1000), figure(p99 * 1000)]

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const rounds = quick ? 500 : 20_000
  const alone = await sealAndOpen(rounds)
  log(`sealed and opened ${rounds} messages`)
  const trips = quick ? 200 : 5_000
  const { raw, signed } = await requestReply(trips)
  log(`asked ${trips} times, raw and signed`)
  const tables: Table[] = [
    {
      title: `One message with a payload of ${payloadBytes} bytes, ${figure(rounds)} times`,
      columns: ['', 'per second', 'p50, µs', 'p99, µs'],
      rows: [
        ['seal: check, number, sign', ...microseconds(alone.seal)],
        ['open: verify, parse, check, replay window', ...microseconds(alone.open)]
      ]
    },
    {
      title: `Request and reply (${payloadBytes} bytes) over one pair of connections, in turn, ${figure(trips)} times`,
      columns: ['', 'per second', 'p50, µs', 'p99, µs', 'p50 to raw'],
      rows: [
        ['raw NATS', ...microseconds(raw), '1×'],
        ['signed and verified both ways', ...microseconds(signed), ratio(signed.p50, raw.p50)]
      ]
    }
  ]
  return { tables, data: { payload_bytes: payloadBytes, took_ms: { ...alone, raw_request: raw, signed_request: signed } }, faults: [] }
}

export const envelope: Bench = { description: 'what signing and verifying costs, alone and in a request with its reply', run }
