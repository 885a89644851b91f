// The ways into the swarm and out of it: the command in its container, the command on the host, any NATS client.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node'
import { verifyLive } from '@triage/cli/audit'
import { expect, test } from 'vitest'
import { bench } from '../shared.ts'

/** Waits for the end of the incident that a report with this text became part of: its id and how it ended. */
async function ended(text: string): Promise<{ id: string; type: string }> {
  let id = ''
  const end = await bench.session.until(
    (fact) => {
      const taken = fact.type === 'incident.opened.v1' || fact.type === 'incident.report-merged.v1'
      if (taken && fact.payload.report.text === text) id = fact.incident_id
      return fact.incident_id === id && /recovered|cancelled|escalated/.test(fact.type)
    },
    { from: 1, timeoutMs: 60_000 }
  )
  return { id, type: end!.type }
}

/** As `nats -s … --tlsca … --nkey …` connects. */
async function asPlainClient(user: 'reporter' | 'observer'): Promise<NatsConnection> {
  const { nats_url, bus_ca, nkeys } = bench.session.swarm
  const seed = await readFile(join(nkeys, `${user}.nk`))
  return connect({
    servers: nats_url,
    tls: { caFile: bus_ca },
    authenticator: nkeyAuthenticator(seed.subarray(0, 58)),
    inboxPrefix: `_INBOX_${user}`
  })
}

test('a report by the command in the container, about nothing: looked into, nothing touched; the observer hears of it as any NATS client', async () => {
  const observer = await asPlainClient('observer')
  const heard: string[] = []
  for (const subject of ['incident.>', 'audit.log'])
    observer.subscribe(subject, { callback: (_, message) => void heard.push(message.subject) })
  await observer.flush()
  const { incident_id } = JSON.parse(await bench.triage('report', '--json', 'the front page feels odd'))
  expect(await ended('the front page feels odd')).toEqual({ id: incident_id, type: 'incident.cancelled.v1' })
  expect(await bench.triage('show', incident_id)).toContain('feels odd')
  expect((await bench.world.operations()).filter(({ by }) => by === 'writer')).toEqual([])
  await expect.poll(() => heard.filter((subject) => subject === 'audit.log').length).toBeGreaterThan(5)
  expect(heard.some((subject) => subject.endsWith('.opened'))).toBe(true)
  for (const stream of ['INCIDENTS', 'AUDIT']) {
    const stored = await observer.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq: 1 }))
    expect(stored.json()).toMatchObject({ message: { seq: 1 } })
  }
  await observer.close()
})

test('a service is killed, somebody says so with nats pub from the host, and it is repaired', async () => {
  const reporter = await asPlainClient('reporter')
  await bench.project.compose('kill', 'catalog')
  reporter.publish('incident.report', 'no products on the page any more')
  await reporter.flush()
  await reporter.close()
  const { type } = await ended('no products on the page any more')
  expect(type).toBe('incident.recovered.v1')
  expect(await bench.runtime.inspect('catalog')).toMatchObject({ status: 'running' })
  // Not more than was called for, and by the one that may.
  const done = (await bench.world.operations()).filter(({ by }) => by !== 'reader')
  expect(done.map(({ op, name, by }) => `${by} ${op} ${name}`)).toEqual([expect.stringMatching(/^writer (re)?start catalog$/)])
  // Compose still knows it.
  expect(await bench.project.states()).toContain('catalog running healthy')
})

test('the audit log verifies, in the container and on the host', async () => {
  expect(await bench.triage('audit', 'verify')).toContain('verified')
  expect(await verifyLive(bench.session)).toMatchObject({ ok: true })
})
