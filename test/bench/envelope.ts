import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import type { Delivery } from '@triage/bus'
import { startNats } from '@triage/bus/testing'
import type { InjectResponse, Opened } from '@triage/contracts'
import { openMessage, ReplayGuard, type SealedMessage, Sealer } from '@triage/envelope'
import { singleKey } from '@triage/keyring'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { type Summary, timeInTurn } from './lib/durations.ts'
import { figure, verdict } from './lib/markdown.ts'

const payloadBytes = 512
const keys = singleKey(randomBytes(32))

const sized = <P>(make: (padding: string) => P): P => make('x'.repeat(payloadBytes - JSON.stringify(make('')).length))

const opened: Opened = sized((text) => ({
  report: { text, truncated: false, sha256: 'a'.repeat(64), bytes: text.length, intake_seq: 1, received_at: new Date().toISOString() }
}))
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

/**
 * Asks and answers over one pair of connections, one request in flight: the same payloads as they are; with the request signed
 * and verified, as a fact or a command is whose stream acknowledges it; with the answer signed and verified too.
 */
async function requestReply(rounds: number): Promise<Record<'raw' | 'signed' | 'both', Summary>> {
  await using server = await startNats()
  const asker = await server.connect('root')
  const answerer = await server.connect('root')
  // Its acknowledgement would come before the answer.
  await (await jetstreamManager(asker.connection)).streams.delete('INCIDENTS')
  try {
    const [ask, answer] = [opened, response].map((payload) => Buffer.from(JSON.stringify(payload)))
    answerer.connection.subscribe('raw', { callback: (_, message) => void message.respond(answer) })

    const gateway = new Sealer('gateway', 1, keys)
    const injector = new Sealer('injector', 1, keys)
    const [asked, answered] = [new ReplayGuard(), new ReplayGuard()]
    const subjects = { signed: 'incident.inc-20260101-1.opened', both: 'incident.inc-20260101-2.opened' }
    const take = (subject: string, { body, header }: Delivery): void =>
      void openMessage(body, header, { subject, keys, audiences: ['swarm'], replay: asked, now: Date.now() })
    answerer.listen(subjects.signed, (message, _, respond) => {
      take(subjects.signed, message)
      respond(answer!, {})
    })
    answerer.listen(subjects.both, (message, reply, respond) => {
      take(subjects.both, message)
      const about = { id: reply, type: 'control.inject-response.v1', subject: reply } as const
      const { body, headers } = injector.seal({ ...about, audience: 'swarm', payload: response })
      respond(body, headers)
    })
    await answerer.connection.flush()
    const request = (round: number, subject: string): Promise<Delivery> => {
      const { body, headers } = gateway.seal({
        id: `bench:${round}`,
        type: 'incident.opened.v1',
        subject,
        audience: 'swarm',
        payload: opened
      })
      return asker.request(subject, body, headers, 5_000)
    }
    return await timeInTurn(rounds, {
      raw: async () => void (await asker.connection.request('raw', ask, { timeout: 5_000 })),
      signed: async (round) => void (await request(round, subjects.signed)),
      both: async (round) => {
        const { body, header, subject } = await request(round, subjects.both)
        openMessage(body, header, { subject, keys, audiences: ['swarm'], replay: answered, now: Date.now() })
      }
    })
  } finally {
    await Promise.all([asker.close(), answerer.close()])
  }
}

/** Signed throughput must be at least this part of the raw one. */
const target = 0.7

const microseconds = ({ mean, p50, p90, p99 }: Summary): string[] => [
  figure(1000 / mean),
  figure(p50 * 1000),
  figure(p90 * 1000),
  figure(p99 * 1000)
]

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const rounds = quick ? 500 : 20_000
  const alone = await sealAndOpen(rounds)
  log(`sealed and opened ${rounds} messages`)
  const trips = quick ? 2_000 : 20_000
  const { raw, signed, both } = await requestReply(trips)
  log(`asked ${trips} times, raw and signed`)
  const part = raw.mean / signed.mean
  const tables: Table[] = [
    {
      title: `One message with a payload of ${payloadBytes} bytes, ${figure(rounds)} times`,
      columns: ['', 'per second', 'p50, µs', 'p90, µs', 'p99, µs'],
      rows: [
        ['seal: check, number, sign', ...microseconds(alone.seal)],
        ['open: verify, parse, check, replay window', ...microseconds(alone.open)]
      ]
    },
    {
      title: `Request and reply of ${payloadBytes} bytes over one pair of connections, one in flight, in turn, ${figure(trips)} times`,
      columns: ['', 'per second', 'p50, µs', 'p90, µs', 'p99, µs', 'of raw', `≥ ${target}`],
      rows: [
        ['raw NATS', ...microseconds(raw), '1', ''],
        ['request signed and verified', ...microseconds(signed), figure(part), verdict(part >= target)],
        ['request and answer signed and verified', ...microseconds(both), figure(raw.mean / both.mean), '']
      ],
      note: 'A fact or a command is signed once and verified once, and its stream acknowledges it unsigned: the second line. Only the injector answers with a signature: the third. The same connections, client and payloads; one after the other in turn.'
    }
  ]
  const took_ms = { ...alone, raw_request: raw, signed_request: signed, signed_request_and_answer: both }
  return { tables, data: { payload_bytes: payloadBytes, in_flight: 1, signed_of_raw_throughput: part, took_ms }, faults: [] }
}

export const envelope: Bench = { description: 'what signing and verifying costs, alone and in a request with its reply', run }
