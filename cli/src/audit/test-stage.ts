// The real auditor and the real witness, each a process of its own, on a server of their own; gone with the stage.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestSwarm, testSwarm } from '@triage/actor/testing'
import { seedPath } from '@triage/bus/server'
import { createKeyFile } from '@triage/keyring'
import { makeAuditKeys } from '../launcher/audit-keys.ts'
import { dataPaths, makeDataFolder } from '../launcher/folders.ts'
import { writeSwarmFile } from '../launcher/swarm-file.ts'
import { onProcesses, practiceRules, swarmProcesses } from '../launcher/swarm-processes.ts'
import { Session } from '../session.ts'

export interface Stage extends AsyncDisposable {
  data: string
  swarm: TestSwarm
  session: Session
  /** Starts a process as the launcher would. Nothing answers for the runtime; the witness does not need it. */
  start(name: 'auditor' | 'monitor'): void
  /** Ends a process at once, as a crash would. */
  kill(name: 'auditor' | 'monitor'): Promise<void>
}

export async function makeStage(): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), 'triage-audit-'))
  await makeDataFolder(data)
  await makeAuditKeys(dataPaths(data))
  const swarm = await testSwarm(['auditor', 'monitor'])
  const { auditKeys, attestationKey, operatorKey } = dataPaths(data)
  const urls = { nats_url: swarm.natsUrl, models: [], roles: [], runtime: {}, loadgen_url: null, storefront_url: null }
  const keys = { keys: swarm.keys, nkeys: swarm.nkeys, audit_keys: auditKeys, attestation_key: attestationKey, operator_key: operatorKey }
  const { mode, environment } = practiceRules
  await writeSwarmFile(data, {
    pid: process.pid,
    started_at: new Date().toISOString(),
    run: data,
    logs: [],
    mode,
    environment,
    ...urls,
    ...keys
  })
  const session = await Session.open(data)
  const children = new Map<string, ChildProcess>()
  const runtime = onProcesses({ url: 'http://127.0.0.1:9', tokens: { reader: 'r', writer: 'w', injector: 'i' } })
  const { unlocked } = createKeyFile(swarm.keys)
  const processes = swarmProcesses({ roles: ['auditor', 'monitor'], data, natsUrl: swarm.natsUrl, unlocked, rules: practiceRules, runtime })
  const kill = async (name: string): Promise<void> => {
    const child = children.get(name)
    children.delete(name)
    if (child?.kill('SIGKILL')) await once(child, 'exit')
  }
  return {
    data,
    swarm,
    session,
    start: (name) => {
      const { command, cwd, env } = processes.find((one) => one.name === name)!
      const settings = { ...process.env, ...env, TRIAGE_KEYS: swarm.keys, TRIAGE_NKEY: seedPath(swarm.nkeys, name) }
      children.set(name, spawn(command[0]!, command.slice(1), { cwd, env: settings, stdio: 'ignore' }))
    },
    kill,
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      for (const name of [...children.keys()]) await kill(name)
      await swarm[Symbol.asyncDispose]()
      await rm(data, { recursive: true, force: true })
    }
  }
}
