// One connection through the proxy: two sockets, and in each direction what its toxics make of the bytes.
import type { Socket } from 'node:net'
import { type Readable, Transform } from 'node:stream'
import { DelayLine } from './delay-line.ts'
import type { Toxic, ToxicOf } from './toxic.ts'

/** Takes everything in and gives nothing out, not even the end. */
const swallow = () => new Transform({ transform: (_chunk, _encoding, done) => done(), flush: () => {} })

/**
 * Joins two sockets that may be half open. An error on one side is a reset on the other.
 * @param fraction a seeded number from 0 to below 1
 */
export function join(client: Socket, server: Socket, toxics: readonly Toxic[], fraction: () => number): void {
  const close = (how: 'destroy' | 'resetAndDestroy') => {
    client[how]()
    server[how]()
  }
  for (const socket of [client, server]) socket.on('error', () => close('resetAndDestroy'))
  for (const toxic of toxics) {
    if (toxic.type === 'reset_peer') closeAfter(toxic.timeout_ms, 'resetAndDestroy')
    if (toxic.type !== 'timeout') continue
    // One side never hears from the other: when that one gives up, nothing is left to wait for.
    for (const socket of [client, server]) socket.once('end', () => close('destroy'))
    if (toxic.timeout_ms > 0) closeAfter(toxic.timeout_ms, 'destroy')
  }
  const stages = (stream: Toxic['stream']) => toxics.filter((toxic) => toxic.stream === stream).flatMap((toxic) => stageOf(toxic, fraction))
  through(client, stages('upstream')).pipe(server)
  through(server, stages('downstream')).pipe(client)

  function closeAfter(ms: number, how: 'destroy' | 'resetAndDestroy'): void {
    if (ms === 0) close(how)
    const timer = setTimeout(() => close(how), ms)
    client.once('close', () => clearTimeout(timer))
  }
}

const through = (source: Readable, stages: Transform[]): Readable => stages.reduce<Readable>((from, stage) => from.pipe(stage), source)

function stageOf(toxic: Toxic, fraction: () => number): Transform[] {
  if (toxic.type === 'latency') return [new DelayLine(() => lateness(toxic, fraction))]
  return toxic.type === 'timeout' ? [swallow()] : []
}

const lateness = ({ latency_ms, jitter_ms }: ToxicOf<'latency'>, fraction: () => number): number =>
  Math.max(0, latency_ms + (2 * fraction() - 1) * jitter_ms)
