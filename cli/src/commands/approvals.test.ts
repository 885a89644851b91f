// The operator's commands, run as programs on a real bus, with an incident that waits for a human.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestSwarm, testSwarm } from '@triage/actor/testing'
import { createOperatorKey, openOperatorKeys, statementOf, verifyApproval } from '@triage/approval'
import type { FactType } from '@triage/contracts'
import type { Draft, Fact } from '@triage/incident'
import { expect, test } from 'vitest'
import { deny, findAwaited, grant } from '../awaited.ts'
import { makeAuditKeys } from '../launcher/audit-keys.ts'
import { dataPaths } from '../launcher/folders.ts'
import { writeSwarmFile } from '../launcher/swarm-file.ts'
import { id, payloads, plan, story } from '../render/test-story.ts'
import { Session } from '../session.ts'

const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
const start = plan.tasks.find(({ task_id }) => task_id === 'start')!
const covered = { incident_id: id, plan_id: plan.plan_id, plan_version: 1, task: start }
const { approval_id } = statementOf(covered, 1, inAnHour)

interface Desk extends AsyncDisposable {
  triage(...args: string[]): Promise<{ code: number; out: string }>
  session: Session
  /** The monitor finds that it is not needed any more. */
  lapse(): Promise<void>
  /** The last fact on record. */
  last(): Promise<Fact>
  publicKeys: string
}

async function tell(
  swarm: TestSwarm,
  issuer: 'gateway' | 'monitor' | 'planner' | 'scheduler' | 'log-agent' | 'action-agent',
  draft: Draft
) {
  await (await swarm.actor(issuer)).outbox.fact(id, draft)
}

/** A running swarm as far as commands can see, and an incident whose task `start` waits for a human. */
async function desk(): Promise<Desk> {
  const swarm = await testSwarm()
  const data = await mkdtemp(join(tmpdir(), 'triage-desk-'))
  const { operatorKey, operatorKeys, auditKeys, attestationKey, logs } = dataPaths(data)
  createOperatorKey(operatorKey, operatorKeys)
  await makeAuditKeys(dataPaths(data))
  await writeSwarmFile(data, {
    pid: process.pid,
    run: data,
    started_at: new Date().toISOString(),
    nats_url: swarm.natsUrl,
    keys: swarm.keys,
    nkeys: swarm.nkeys,
    audit_keys: auditKeys,
    attestation_key: attestationKey,
    operator_key: operatorKey,
    mode: 'approve',
    environment: 'test',
    roles: [],
    runtime: {},
    loadgen_url: null,
    storefront_url: null,
    logs: [logs]
  })
  const issuers: Partial<Record<FactType, Parameters<typeof tell>[1]>> = {
    'incident.opened.v1': 'gateway',
    'incident.observed.v1': 'monitor',
    'incident.plan-proposed.v1': 'planner',
    'incident.task-finished.v1': 'log-agent'
  }
  for (const { type, payload } of story.slice(0, 6))
    await tell(swarm, issuers[type] ?? 'scheduler', { type, key: 'story', payload } as Draft)
  const asked = { ...payloads['incident.approval-requested.v1'], approval_id, expires_at: inAnHour }
  await tell(swarm, 'action-agent', { type: 'incident.approval-requested.v1', key: 'start', payload: asked })
  const session = await Session.open(data)
  return {
    session,
    lapse: () => {
      const payload = { ...payloads['incident.approval-lapsed.v1'], approval_id }
      return tell(swarm, 'monitor', { type: 'incident.approval-lapsed.v1', key: approval_id, payload })
    },
    publicKeys: operatorKeys,
    triage: (...args) =>
      new Promise((resolve) => {
        const program = join(import.meta.dirname, '../../bin/triage.js')
        const done = (error: unknown, out: string) => resolve({ code: error ? ((error as { code: number }).code ?? 1) : 0, out })
        execFile(process.execPath, [program, '--data', data, '--json', ...args], done)
      }),
    last: async () => (await session.story(id)).facts.at(-1)!,
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await swarm[Symbol.asyncDispose]()
      await rm(data, { recursive: true })
    }
  }
}

test('what waits is listed; approving signs exactly that, once', async () => {
  await using at = await desk()
  const listed = JSON.parse((await at.triage('approvals')).out) as unknown[]
  expect(listed).toMatchObject([{ approval_id, incident_id: id, task: start, why: 'the last healthy replica' }])
  expect((await at.triage('approve', approval_id)).out).toContain('E_USAGE') // no terminal to ask on
  expect((await at.triage('approve', 'apr-ffffffffffffffff', '--yes')).out).toContain('E_NO_APPROVAL')

  expect(await at.triage('approve', approval_id, '--yes')).toMatchObject({ code: 0 })
  const fact = await at.last()
  if (fact.type !== 'incident.approval-granted.v1') throw new Error(`the last fact is ${fact.type}`)
  const keys = openOperatorKeys(at.publicKeys)
  expect(verifyApproval(fact.payload.signed, covered, 1, Date.now(), keys)).toMatchObject({ approval_id, action: start.type })
  expect((await at.triage('approve', approval_id, '--yes')).out).toContain('E_NO_APPROVAL')
  expect((await at.triage('approvals')).out.trim()).toBe('[]')
})

test('another target is another plan, with the signature over the changed task', async () => {
  await using at = await desk()
  expect((await at.triage('approve', approval_id, '--yes', '--args', 'nonsense')).out).toContain('E_USAGE')
  expect(await at.triage('approve', approval_id, '--yes', '--target', 'catalog')).toMatchObject({ code: 0 })
  const fact = await at.last()
  if (fact.type !== 'incident.approval-changed.v1') throw new Error(`the last fact is ${fact.type}`)
  const { plan: wanted, signed } = fact.payload
  const task = wanted.tasks.find(({ task_id }) => task_id === 'start')!
  expect([wanted.plan_version, task.target]).toEqual([2, 'catalog'])
  const changed = { incident_id: id, plan_id: wanted.plan_id, plan_version: 2, task }
  const keys = openOperatorKeys(at.publicKeys)
  expect(verifyApproval(signed, changed, 1, Date.now(), keys)).toMatchObject({ target: 'catalog' })
  expect(() => verifyApproval(signed, covered, 1, Date.now(), keys)).toThrow(expect.objectContaining({ code: 'E_APPROVAL_INVALID' }))
})

test('denying needs a reason and says it', async () => {
  await using at = await desk()
  expect(await at.triage('deny', approval_id)).toMatchObject({ code: 2 })
  expect(await at.triage('deny', approval_id, '--reason', 'not during the sale')).toMatchObject({ code: 0 })
  expect(await at.last()).toMatchObject({ type: 'incident.approval-denied.v1', payload: { reason: 'not during the sale' } })
})

test('what is not needed any more cannot be allowed, nor when that was found while the human decided', async () => {
  await using at = await desk()
  const awaited = await findAwaited(at.session, approval_id)
  await at.lapse()
  expect((await at.triage('approve', approval_id, '--yes')).out).toContain('E_APPROVAL_LAPSED')
  await expect(grant(at.session, awaited)).rejects.toMatchObject({ code: 'E_APPROVAL_LAPSED' })
  expect((await at.session.story(id)).state.plans[0]!.tasks.start).toMatchObject({ status: 'failed', approval: null })
  await expect(deny(at.session, awaited, 'not now')).rejects.toMatchObject({ code: 'E_APPROVAL_LAPSED' })
})

test('safe mode is off, then on, then off again, each signed to follow the one before', async () => {
  await using at = await desk()
  const state = async (...to: string[]): Promise<string> =>
    (JSON.parse((await at.triage('safe-mode', ...to)).out) as { safe_mode: string }).safe_mode
  expect([await state(), await state('on'), await state(), await state('off'), await state()]).toEqual(['off', 'on', 'on', 'off', 'off'])
})
