import { expect, test } from 'vitest'
import { recall } from './recall.ts'
import { testSwarm } from './testing.ts'

test('a fact that is published again is noticed by who goes on after it, and knows the facts before', async () => {
  await using swarm = await testSwarm()
  const monitor = await swarm.actor('monitor')
  const payload = { how: 'by_itself', window_ms: 3000, checks: 6, summary: 'well' } as const
  for (const n of [1, 2, 3]) await monitor.outbox.fact(`inc-20260101-${n}`, { type: 'incident.recovered.v1', key: 'end', payload })
  const { subject, body, header } = (await swarm.root.get('INCIDENTS', 2))!
  const headers = { 'Triage-Mac': header('Triage-Mac'), 'Triage-Key': header('Triage-Key') }
  const { seq } = await monitor.bus.append(subject, body, headers, { id: 'again' })
  const repeated = (await swarm.root.get('INCIDENTS', seq))!

  const [forgetful, auditor] = [await swarm.actor('auditor'), await swarm.actor('auditor')]
  expect(forgetful.inbox.fact(repeated)?.envelope.seq).toBe(2)
  await recall(auditor.bus, auditor.inbox, 'INCIDENTS', seq)
  expect(auditor.inbox.fact(repeated)).toBeNull()
  expect([...auditor.inbox.refusals.counts]).toEqual([['E_MESSAGE_REPLAYED', 1]])
})
