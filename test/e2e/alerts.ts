// Alerts on a running swarm, as the webhook hands them in.
import type { Alert } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { expect, test } from 'vitest'
import { bench } from './shared.ts'

const alert: Alert = {
  fingerprint: 'e2e1',
  status: 'firing',
  name: 'HighLatency',
  service: 'storefront',
  starts_at: new Date().toISOString()
}
const handIn = (one: Alert): Promise<number> =>
  bench.session.report(JSON.stringify({ text: `${one.name} of ${one.service} is ${one.status}`, alerts: [one] }))

test('an incident is not over while its alert fires, however well all looks; resolved, it is well by itself', async () => {
  const { session } = bench
  const from = (await session.bus.size('INCIDENTS')).lastSeq + 1
  const next = (type: Fact['type'], timeoutMs: number) => session.until((fact) => fact.type === type, { from, timeoutMs })
  await handIn(alert)
  const { incident_id } = (await next('incident.plan-finished.v1', 20_000))!
  // Longer than the monitor would look without the alert.
  await expect(
    session.until((fact) => fact.incident_id === incident_id && /recovered|cancelled|deviation/.test(fact.type), {
      from,
      timeoutMs: 10_000
    })
  ).rejects.toMatchObject({ code: 'E_TIMEOUT' })
  await handIn({ ...alert, status: 'resolved', ends_at: new Date().toISOString() })
  const recovered = await next('incident.recovered.v1', 20_000)
  expect(recovered).toMatchObject({ incident_id, payload: { how: 'by_itself' } })
  expect((await session.story(incident_id)).state.alerts).toMatchObject({ e2e1: { status: 'resolved' } })
})
