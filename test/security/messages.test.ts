// Messages that must not be believed, on every way into a process, sent by somebody who may publish anything: none reaches a
// handler, each is refused with its code, and good ones in between arrive.
import { testSwarm } from '@triage/actor/testing'
import { until } from '@triage/bus/testing'
import { openKeyring } from '@triage/keyring'
import { afterAll, describe, expect, test } from 'vitest'
import { attacks } from './lib/attacks.ts'
import { carriers } from './lib/carriers.ts'
import { Thief, type Wire } from './lib/thief.ts'

describe.each(carriers.map((carrier) => [carrier.name, carrier] as const))('%s', async (_, carrier) => {
  const swarm = await testSwarm(['planner', 'scheduler'])
  afterAll(() => swarm[Symbol.asyncDispose]())
  const thief = new Thief(openKeyring(swarm.keys), carrier.speech)
  let reached = 0
  let sent = 0
  let receiver = await swarm.actor(carrier.receiver)
  let attached = await carrier.attach(receiver, () => void reached++)

  const send = (wire: Wire): Promise<void> => carrier.send(swarm.root, wire, `thief-${++sent}`)
  /** Sends it; resolves to the code that it is refused with. */
  const refusalOf = async (wire: Wire): Promise<string> => {
    const { refusals } = receiver.inbox
    const before = new Map(refusals.counts)
    await send(wire)
    return until('the refusal', () => [...refusals.counts].find(([code, count]) => count > (before.get(code) ?? 0))?.[0])
  }
  const arrives = async (wire: Wire): Promise<void> => {
    const before = reached
    await send(wire)
    await until('a good message', () => reached === before + 1)
  }
  /** The receiver dies and lives again. */
  const restart = async (): Promise<void> => {
    await attached.stop()
    await receiver.bus.close()
    receiver = await swarm.actor(carrier.receiver)
    attached = await carrier.attach(receiver, () => void reached++)
  }

  test('a good one arrives', async () => arrives(thief.write()))

  test.each(attacks(carrier.writers))('$name: $code', async ({ code, make }) => {
    const before = reached
    expect(await refusalOf(make(thief))).toBe(code)
    expect(reached).toBe(before)
  })

  test('a good one still arrives', async () => arrives(thief.write()))

  test('the same again, at once and in another life of its receiver', async () => {
    const wire = thief.write()
    await arrives(wire)
    const before = reached
    expect(await refusalOf(wire)).toBe('E_MESSAGE_REPLAYED')
    await restart()
    expect(await refusalOf(wire)).toBe('E_MESSAGE_REPLAYED')
    await arrives(thief.write())
    expect(reached).toBe(before + 1)
  })

  test('from an earlier life of its sender, seen before', async () => {
    const old = thief.write()
    await arrives(old)
    thief.epoch++
    await arrives(thief.write())
    expect(await refusalOf(old)).toBe('E_MESSAGE_REPLAYED')
  })

  test('a number far below the newest, never seen', async () => {
    thief.epoch++
    const held = thief.write()
    await arrives(thief.write({ seq: 100_000 }))
    expect(await refusalOf(held)).toBe('E_MESSAGE_REPLAYED')
  })

  if (!carrier.speech.fence) return
  test('under an older lease, or under none', async () => {
    thief.epoch++
    await arrives(thief.write({ fence: 9 }))
    for (const fence of [8, 1, undefined]) expect(await refusalOf(thief.write({ fence }))).toBe('E_MESSAGE_FENCED')
    await arrives(thief.write({ fence: 9 }))
  })
})
