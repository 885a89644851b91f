import { until } from '@triage/bus/testing'
import type { Opened } from '@triage/contracts'
import { Sealer } from '@triage/envelope'
import { KeyFile, Keyring, retire, rotate } from '@triage/keyring'
import { createLog } from '@triage/log'
import { expect, test } from 'vitest'
import { Inbox } from './inbox.ts'
import type { Actor } from './process.ts'
import { Refusals } from './refusals.ts'
import { Taken } from './taken.ts'
import { testSwarm } from './testing.ts'

const perSecond = 400
const report = (text: string): Opened['report'] => ({
  text,
  truncated: false,
  sha256: 'a'.repeat(64),
  bytes: text.length,
  intake_seq: 1,
  received_at: '2026-01-01T12:00:00.000Z'
})

/** Says facts at a steady pace until told to stop; resolves to how many were kept by the stream. */
function load(gateway: Actor): { stop(): Promise<number> } {
  const said: Promise<unknown>[] = []
  const timer = setInterval(() => {
    for (let i = 0; i < perSecond / 50; i++) {
      const payload = { report: report(`report ${said.length}`) }
      said.push(gateway.outbox.fact(`inc-20260101-${said.length + 1}`, { type: 'incident.opened.v1', key: '1', payload }))
    }
  }, 20)
  return {
    stop: async () => {
      clearInterval(timer)
      return (await Promise.all(said)).length
    }
  }
}

test('a rotation under load: no message is lost, and none is accepted after its key retired', async () => {
  await using swarm = await testSwarm(['monitor', 'planner'])
  const actors = [await swarm.actor('gateway'), await swarm.actor('monitor'), await swarm.actor('planner')]
  const [gateway, monitor, planner] = actors as [Actor, Actor, Actor]
  const heard = { monitor: new Set<string>(), planner: new Set<string>() }
  const following = await Promise.all([
    monitor.incidents.follow((_, fact) => void heard.monitor.add(fact!.id)),
    planner.incidents.follow((_, fact) => void heard.planner.add(fact!.id))
  ])
  const signers = (): string[] => actors.map(({ keys }) => keys.current)

  const file = new KeyFile(swarm.keys)
  const before = Keyring.follow({ stamp: '', read: file.read.bind(file) })
  const traffic = load(gateway)
  await until('traffic', () => heard.planner.size > perSecond / 2)
  await rotate(file, async (what, says) => {
    await until(what, () => actors.every(({ keys }) => says(keys.held)))
  })
  expect(signers()).toEqual(['k2', 'k2', 'k2'])
  const atSwitch = heard.planner.size
  await until('traffic under the new key', () => heard.planner.size > atSwitch + perSecond)
  file.update((versions) => retire(versions, 'k1', Date.now(), true))
  const atRetirement = heard.planner.size
  await until('traffic after the old key retired', () => heard.planner.size > atRetirement + perSecond)
  const said = await traffic.stop()
  await until('every fact', () => heard.monitor.size === said && heard.planner.size === said)
  expect(actors.map(({ inbox }) => inbox.refusals.total)).toEqual([0, 0, 0])

  // Somebody who kept the old key.
  const stolen = new Sealer('gateway', 1_000, before)
  const subject = 'incident.inc-20260101-999999.opened'
  const about = { id: 'forged', type: 'incident.opened.v1', audience: 'swarm', subject, incident_id: 'inc-20260101-999999' } as const
  const forged = stolen.seal({ ...about, payload: { report: report('forged') } })
  expect(forged.headers['Triage-Key']).toMatch(/^k1\./)
  await gateway.bus.append(subject, forged.body, forged.headers, { id: 'forged' })
  await until('the refusals', () => monitor.inbox.refusals.total === 1 && planner.inbox.refusals.total === 1)
  expect([heard.monitor.has('forged'), heard.planner.has('forged')]).toEqual([false, false])

  // A process that starts now reads what was said under both keys, and refuses what came too late.
  const refusals = new Refusals('monitor', createLog('monitor', '1', 'silent'), async () => {})
  const reader = new Inbox('monitor', Keyring.follow(file), refusals, new Taken(monitor.bus, 'monitor'))
  const versions: Record<string, number> = {}
  for await (const stored of monitor.bus.history('INCIDENTS')) {
    if (!reader.fact(stored)) continue
    const version = stored.header('Triage-Key').split('.')[0]!
    versions[version] = (versions[version] ?? 0) + 1
  }
  expect(versions).toEqual({ k1: expect.any(Number), k2: expect.any(Number) })
  expect(versions.k1! + versions.k2!).toBe(said)
  expect(reader.refusals.total).toBe(1)
  await Promise.all(following.map((one) => one.stop()))
})
