import { type MessageType, type PayloadByType, roles, subjectsFor, writersOf } from '@triage/contracts'
import { openMessage, ReplayGuard, type SealedMessage, Sealer } from '@triage/envelope'
import { singleKey } from '@triage/keyring'
import { expect, test } from 'vitest'
import { incident_id, samples } from './samples.ts'

const keys = singleKey(Buffer.alloc(32, 7))
/** A value for every placeholder of the grammar. */
const values: Record<string, string> = {
  incident_id,
  agent: 'action-agent',
  idempotency_key: `${incident_id}-1-start`,
  role: 'planner',
  instance: '1'
}
const types = Object.keys(samples) as MessageType[]

/** A subject of the type, and the roles that may say it there. An answer goes to the inbox of whoever asked. */
function place(type: MessageType): { subject: string; writers: string[] } {
  const pattern = subjectsFor().find((entry) => entry.types.includes(type))!.subject
  const subject = pattern ? pattern.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!) : '_INBOX_cli.abc.1'
  return { subject, writers: writersOf(type, subject) }
}
const seal = <T extends MessageType>(type: T, subject: string, issuer: string): SealedMessage =>
  new Sealer(issuer, 1, keys).seal({
    id: `${type}:1`,
    type,
    audience: 'swarm',
    subject,
    payload: samples[type] as PayloadByType[T],
    incident_id
  })
const open = (message: SealedMessage, subject: string) =>
  openMessage(message.body, (name) => message.headers[name as keyof SealedMessage['headers']], {
    subject,
    keys,
    audiences: ['swarm'],
    replay: new ReplayGuard(),
    now: Date.now()
  })

test.each(types)('%s: what a role that may say it has sealed is accepted as it was', (type) => {
  const { subject, writers } = place(type)
  expect(writers.length).toBeGreaterThan(0)
  for (const issuer of writers) {
    const opened = open(seal(type, subject, issuer), subject)
    expect(opened.payload).toEqual(samples[type])
    expect(opened.envelope).toMatchObject({ type, issuer, subject })
  }
})

test.each(types)('%s: from any other role it is refused', (type) => {
  const { subject, writers } = place(type)
  for (const issuer of roles.filter((role) => !writers.includes(role)))
    expect(() => open(seal(type, subject, issuer), subject)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_MESSAGE_(KEY|MISDIRECTED)$/) })
    )
})

test.each(types)('%s: with a field more it is not sealed', (type) => {
  const payload = { ...samples[type], extra: 1 } as never
  const { subject, writers } = place(type)
  expect(() => new Sealer(writers[0]!, 1, keys).seal({ id: 'm', type, audience: 'swarm', subject, payload })).toThrow(
    expect.objectContaining({ code: 'E_MESSAGE_SCHEMA' })
  )
})
