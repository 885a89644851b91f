// For tests: the operator's commands, run as programs on a real bus, where somebody has told the story of an incident.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testSwarm } from '@triage/actor/testing'
import { createOperatorKey } from '@triage/approval'
import type { FactType, Role } from '@triage/contracts'
import type { Draft, Fact } from '@triage/incident'
import { makeAuditKeys } from '../launcher/audit-keys.ts'
import { dataPaths } from '../launcher/folders.ts'
import { writeSwarmFile } from '../launcher/swarm-file.ts'
import { id } from '../render/test-story.ts'
import { Session } from '../session.ts'

export interface Desk extends AsyncDisposable {
  triage(...args: string[]): Promise<{ code: number; out: string }>
  session: Session
  /** Says what happens next. */
  tell(fact: Pick<Fact, 'type' | 'payload'>): Promise<void>
  /** The last fact on record. */
  last(): Promise<Fact>
  /** File with the operator's public keys. */
  publicKeys: string
}

/** Who says what; the rest is the scheduler's. */
const issuers: Partial<Record<FactType, Role>> = {
  'incident.opened.v1': 'gateway',
  'incident.observed.v1': 'monitor',
  'incident.plan-proposed.v1': 'planner',
  'incident.task-finished.v1': 'log-agent',
  'incident.approval-requested.v1': 'action-agent',
  'incident.approval-lapsed.v1': 'monitor'
}

/** A running swarm as far as commands can see, and what was said of an incident so far. */
export async function openDesk(facts: readonly Pick<Fact, 'type' | 'payload'>[]): Promise<Desk> {
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
    models: [],
    logs: [logs]
  })
  let said = 0
  const tell = async ({ type, payload }: Pick<Fact, 'type' | 'payload'>): Promise<void> => {
    const { outbox } = await swarm.actor(issuers[type] ?? 'scheduler')
    await outbox.fact(id, { type, key: `${said++}`, payload } as Draft)
  }
  for (const fact of facts) await tell(fact)
  const session = await Session.open(data)
  return {
    session,
    tell,
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
