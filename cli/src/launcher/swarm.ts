// Brings a whole swarm up and takes it down again: nats-server, the swarm's processes, what they watch.
//
// Invariants
// 1. Whatever ends the launcher, also kill -9, ends all that it started and removes the run's folder: the reaper waits for it.
// 2. The data folder belongs to one launcher at a time.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createOperatorKey } from '@triage/approval'
import { findNatsServer } from '@triage/binaries'
import { type Bus, connectNats } from '@triage/bus'
import { provision, seedPath, type User } from '@triage/bus/server'
import { TriageError } from '@triage/contracts'
import { createKeyFile, Keyring } from '@triage/keyring'
import { newRunFolder } from '@triage/minicloud'
import { checkFree, freePort } from '@triage/ports'
import { type Reaper, reap, Supervisor, startReaper } from '@triage/runtime'
import { namedModels } from '../model-chain.ts'
import { makeAuditKeys } from './audit-keys.ts'
import { dataPaths, makeDataFolder } from './folders.ts'
import type { Admission, Patient } from './patient.ts'
import type { PracticeShop } from './practice-shop.ts'
import { Pulse } from './readiness.ts'
import { readSwarmFile, removeSwarmFile, staleRun, writeSwarmFile } from './swarm-file.ts'
import { instances, natsProcess, swarmProcesses } from './swarm-processes.ts'

export interface SwarmOptions<P extends Patient> {
  admit: Admission<P>
  /** Data folder; null: one that goes with the run. */
  data: string | null
  /** Port of the message bus; null: a free one. */
  natsPort: number | null
  /** Told what is being done. */
  log: (line: string) => void
  signal: AbortSignal
}

const readyMs = 30_000

export class Swarm<P extends Patient = PracticeShop> {
  readonly data: string
  readonly natsUrl: string
  readonly bus: Bus
  readonly patient: P
  readonly pulse: Pulse
  readonly supervisor: Supervisor
  /** Milliseconds from having the programs to every process of the swarm being ready. */
  readonly readyMs: number
  /** Folder of what lives as long as the run. */
  readonly run: string
  readonly #nats: Supervisor
  readonly #reaper: Reaper

  private constructor(
    parts: Pick<Swarm<P>, 'data' | 'natsUrl' | 'bus' | 'patient' | 'pulse' | 'supervisor' | 'readyMs' | 'run'>,
    nats: Supervisor,
    reaper: Reaper
  ) {
    this.data = parts.data
    this.natsUrl = parts.natsUrl
    this.bus = parts.bus
    this.patient = parts.patient
    this.pulse = parts.pulse
    this.supervisor = parts.supervisor
    this.readyMs = parts.readyMs
    this.run = parts.run
    this.#nats = nats
    this.#reaper = reaper
  }

  static async up<P extends Patient>(options: SwarmOptions<P>): Promise<Swarm<P>> {
    if (options.natsPort) await checkFree(options.natsPort)
    if (options.data) await claim(options.data, options.log)
    const run = await newRunFolder()
    const reaper = startReaper(run, 'remove')
    const undo: (() => Promise<unknown>)[] = [() => reaper.close()]
    try {
      return await Swarm.#start(options, run, reaper, undo)
    } catch (error) {
      for (const step of undo.reverse()) await step().catch(() => {})
      throw error
    }
  }

  static async #start<P extends Patient>(
    { admit: { roles, rules, prepare }, data: kept, natsPort, log, signal }: SwarmOptions<P>,
    run: string,
    reaper: Reaper,
    undo: (() => Promise<unknown>)[]
  ): Promise<Swarm<P>> {
    const nats = await findNatsServer({ env: process.env, log, signal })
    if (nats.lacks.length > 0) log(nats.lacks.join(' '))
    await checkPolicies(rules.policies)
    await checkModels(process.env)
    const started = performance.now()
    const data = kept ?? join(run, 'data')
    await makeDataFolder(data)
    const keys = createKeyFile(dataPaths(data).keys)
    createOperatorKey(dataPaths(data).operatorKey, dataPaths(data).operatorKeys)
    await makeAuditKeys(dataPaths(data))
    const port = natsPort ?? (await freePort())
    const natsUrl = `nats://127.0.0.1:${port}`

    // The bus outlives those that speak on it.
    const infrastructure = new Supervisor(run)
    const supervisor = new Supervisor(run)
    undo.push(
      () => infrastructure.close(),
      () => supervisor.close()
    )
    for (const each of [infrastructure, supervisor]) tellOfRestarts(each, dataPaths(data).logs, log)
    const preparing = prepare({ run, data, natsServer: nats.path, log, signal })
    undo.push(async () => (await preparing).close())
    preparing.catch(() => {})
    infrastructure.start([await natsProcess(nats.path, data, port)])
    const connect = (user: User) => connectNats({ url: natsUrl, user, nkey: seedPath(dataPaths(data).nkeys, user) })
    const provisioner = await connect('provisioner')
    undo.push(() => provisioner.close())
    await provision(provisioner.connection, instances)
    await provisioner.close()
    const bus = await connect('operator')
    undo.push(() => bus.close())
    signal.throwIfAborted()

    const patient = await preparing
    const pulse = new Pulse(bus, Keyring.follow(keys))
    supervisor.start(swarmProcesses({ roles, data, natsUrl, unlocked: keys.unlocked, rules, runtime: patient.runtime }))
    await pulse.ready(roles, readyMs, dataPaths(data).logs)
    const readyAfter = Math.round(performance.now() - started)
    signal.throwIfAborted()

    await patient.start(signal)
    await writeSwarmFile(data, {
      pid: process.pid,
      run,
      started_at: new Date().toISOString(),
      nats_url: natsUrl,
      keys: dataPaths(data).keys,
      nkeys: dataPaths(data).nkeys,
      operator_key: dataPaths(data).operatorKey,
      mode: rules.mode,
      environment: rules.environment,
      models: namedModels(process.env),
      audit_keys: dataPaths(data).auditKeys,
      attestation_key: dataPaths(data).attestationKey,
      roles,
      runtime: patient.runtime('reader'),
      loadgen_url: patient.loadgenUrl,
      storefront_url: patient.storefrontUrl,
      logs: [dataPaths(data).logs, join(run, 'logs')]
    })
    return new Swarm({ data, natsUrl, bus, patient, pulse, supervisor, readyMs: readyAfter, run }, infrastructure, reaper)
  }

  /** Process ids of the swarm's processes and of its nats-server, by name. */
  pids(): Record<string, number> {
    return { ...this.#nats.pids(), ...this.supervisor.pids() }
  }

  /** Takes everything down, in reverse; resolves when nothing is left but the data folder. */
  async close(): Promise<void> {
    await removeSwarmFile(this.data)
    await this.pulse.stop()
    // The injector takes its faults back while there is still something to take them back from.
    await this.supervisor.close()
    await this.patient.close()
    await this.bus.close()
    await this.#nats.close()
    await this.#reaper.close()
  }
}

/** Throws E_POLICY_INVALID, before anything is started. The engine is loaded only here: it is large. */
async function checkPolicies(folder: string): Promise<void> {
  const { loadPolicies } = await import('@triage/policy')
  loadPolicies(folder)
}

/** Throws E_CONFIG for a model that cannot be asked as it is named, or a file of prices that is none, before anything is started. */
async function checkModels(env: NodeJS.ProcessEnv): Promise<void> {
  const { TRIAGE_MODEL_PRICES = '', TRIAGE_MODEL_REPLAY } = env
  const ids = namedModels(env)
  if (ids.length === 0) return
  const { loadPrices, openModel } = await import('@triage/model')
  await loadPrices(TRIAGE_MODEL_PRICES)
  if (TRIAGE_MODEL_REPLAY) return
  for (const id of ids) openModel(id)
}

function tellOfRestarts(supervisor: Supervisor, logs: string, log: (line: string) => void): void {
  supervisor.on('restart', ({ name, exit, delay_ms }) =>
    log(`${name} ended (${exit?.signal ?? `code ${exit?.code}`}); it is started again in ${delay_ms} ms`)
  )
  supervisor.on('giveup', ({ name }) => log(`${name} ends again and again; it stays down. See ${join(logs, `${name}.log`)}`))
}

/** Makes sure that no other launcher works on the folder, and cleans up after one that was killed. */
async function claim(data: string, log: (line: string) => void): Promise<void> {
  const running = await readSwarmFile(data).catch(() => null)
  if (running) throw new TriageError('E_ALREADY_UP', `process ${running.pid} runs a swarm on ${data} since ${running.started_at}`)
  const stale = await staleRun(data)
  if (!stale) return
  log(`cleaning up after a run that was killed`)
  await reap(stale)
  await rm(stale, { recursive: true, force: true })
  await removeSwarmFile(data)
}
