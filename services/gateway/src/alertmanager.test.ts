import { Buffer } from 'node:buffer'
import { checkSchema, limits, type TriageError } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWebhook } from './alertmanager.ts'
import { webhookOf } from './test-alerts.ts'

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
function codeOf(body: Uint8Array): string {
  try {
    readWebhook(body)
  } catch (error) {
    return (error as TriageError).code
  }
  return 'accepted'
}

test('what Alertmanager posts becomes alerts: the service from its labels, the severity in our words, one line of text', () => {
  const labels = { alertname: 'TargetDown', service: 'catalog', severity: 'warning' }
  const [alert] = readWebhook(bytes(webhookOf([{ labels, annotations: { summary: 'line\none\u001b[31m' }, fingerprint: 'ab12' }])))
  expect(alert).toEqual({
    fingerprint: 'ab12',
    status: 'firing',
    name: 'TargetDown',
    service: 'catalog',
    severity: 'medium',
    summary: 'line one [31m',
    starts_at: '2026-01-01T12:00:00.123Z'
  })
  const [resolved] = readWebhook(
    bytes(webhookOf([{ status: 'resolved', endsAt: '2026-01-01T13:00:05+01:00', labels: { job: 'Not A Name' } }]))
  )
  expect(resolved).toMatchObject({ status: 'resolved', name: 'alert', ends_at: '2026-01-01T12:00:05.000Z' })
  expect(resolved).not.toHaveProperty('service')
})

test('each bad message has its code', () => {
  const good = webhookOf([{}])
  expect(codeOf(bytes(good))).toBe('accepted')
  expect(codeOf(bytes({ ...good, version: '5' }))).toBe('E_WEBHOOK_VERSION')
  expect(codeOf(bytes({ ...good, version: 4 }))).toBe('E_WEBHOOK_VERSION')
  expect(codeOf(Buffer.alloc(limits.webhook_bytes + 1, 32))).toBe('E_WEBHOOK_TOO_LONG')
  const wrong = ['', 'null', '[]', '{}', '{"version":"4"}', '{"a":1,"a":2}', JSON.stringify({ ...good, alerts: [null] })]
  const badAlerts = [{ fingerprint: 'X' }, { startsAt: 'yesterday' }, { startsAt: '2026-13-01T12:00:00Z' }, { labels: { a: 1 } }]
  for (const body of [...wrong, ...badAlerts.map((alert) => JSON.stringify(webhookOf([alert])))])
    expect([body, codeOf(bytes(body))]).toEqual([body, 'E_WEBHOOK_SCHEMA'])
  expect(codeOf(bytes({ ...webhookOf([{ added_later: 1 }]), notification_reason: 'first' }))).toBe('accepted')
  expect(codeOf(Uint8Array.of(0xc3, 0x28))).toBe('E_WEBHOOK_SCHEMA')
})

test('law: whatever the labels say, alerts fit the contract', () => {
  const words = fc.dictionary(
    fc.constantFrom('alertname', 'service', 'job', 'severity', 'summary'),
    fc.string({ unit: 'binary', maxLength: 300 })
  )
  fc.assert(
    fc.property(words, (labels) => {
      const [alert] = readWebhook(bytes(webhookOf([{ labels, annotations: labels }])))
      expect(checkSchema('alert', alert)).toBeNull()
    })
  )
})
