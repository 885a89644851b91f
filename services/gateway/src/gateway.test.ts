import { Buffer } from 'node:buffer'
import { testSwarm } from '@triage/actor/testing'
import { until } from '@triage/bus/testing'
import type { Opened } from '@triage/contracts'
import { secretsIn } from '@triage/redact/testing'
import { expect, test } from 'vitest'
import { Gateway } from './gateway.ts'

test('a report becomes a fact without its secrets, and what was typed is erased; the same text joins it', async () => {
  await using swarm = await testSwarm(['gateway'])
  const actor = await swarm.actor('gateway')
  const running = await new Gateway(actor).start()
  const planted = secretsIn('Gat3way')
  const text = `nobody can pay\n${planted.map(([, written]) => written).join('\n')}`
  for (const id of ['one', 'two']) await swarm.root.append('incident.report', Buffer.from(text), {}, { id })
  await until('both facts', async () => (await actor.bus.size('INCIDENTS')).messages === 2)
  await until('an empty intake', async () => (await swarm.root.size('INTAKE')).messages === 0)
  expect((await swarm.root.size('INTAKE')).lastSeq).toBe(2)
  const facts = await Array.fromAsync(actor.bus.history('INCIDENTS'))
  expect(facts.map(({ subject }) => subject.split('.').at(-1))).toEqual(['opened', 'report-merged'])
  for (const { body } of facts) {
    const said = Buffer.from(body).toString()
    expect(planted.filter(([, , secret]) => said.includes(secret))).toEqual([])
    const { payload } = JSON.parse(said) as { payload: Opened }
    expect(payload.report.text).toContain('nobody can pay\n***')
    expect(payload.report.bytes).toBe(text.length)
  }
  await running.stop()
})
