// For tests: a runtime with a small web service that is well as long as its configuration says so, a bus, and the action agent's lives.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestSwarm, testSwarm } from '@triage/actor/testing'
import { type OperatorKeys, signStatement } from '@triage/approval'
import { until } from '@triage/bus/testing'
import type { ActionType, EffectIntent, EffectOutcome, Expect, Probe, TaskRequest } from '@triage/contracts'
import { act, requestOf } from '@triage/contracts/testing'
import { Vault } from '@triage/keyring'
import { loadPolicies, PolicyEngine } from '@triage/policy'
import { freePort } from '@triage/ports'
import type { RuntimeWriter } from '@triage/runtime'
import { node, spec, type TestRuntime, tempFolder, testRuntime } from '@triage/runtime/testing'
import { runProbe } from '@triage/telemetry'
import { Gate, type GateParts } from './gate.ts'
import { Ledger } from './ledger.ts'
import { Transaction } from './transaction.ts'
import { UndoStore } from './undo-store.ts'

export const good = '{"well":true}'
export const bad = '{"well":false}'
export const key = 'inc-20260101-1-1-act'
export const command = { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, cause: 'command', fence: 7 }

/** Listens on argv[1]; answers 200 when the file argv[2] said at the start that it is well. */
const web = `
  const { well } = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'))
  require('node:http').createServer((_, response) => response.writeHead(well ? 200 : 503).end()).listen(process.argv[1], '127.0.0.1')`
const forever = node('setInterval(() => {}, 1000)')

/** Permits all: what a transaction is on its own. */
const everything = new PolicyEngine([{ id: 'everything', why: 'this is a test', text: 'permit (principal, action, resource);' }])
export const defaultPolicies = loadPolicies(join(import.meta.dirname, '../../../policies'))

/** An operator whose word counts. */
export const operator = anOperator()
function anOperator(): { key: KeyObject; keys: OperatorKeys } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { key_id } = signStatement('safe_mode', { safe_mode: 'on', after: 0, at: new Date().toISOString() }, privateKey)
  return { key: privateKey, keys: new Map([[key_id, publicKey]]) }
}

export interface Stage extends AsyncDisposable {
  world: TestRuntime
  swarm: TestSwarm
  request(type: ActionType, target: string, condition: Expect['condition'], within_ms?: number): TaskRequest
  /** The action agent in another life, on a runtime of its own choice. */
  agent(runtime?: RuntimeWriter, gate?: Partial<GateParts>): Promise<Transaction>
  /** What the ledger says, oldest first. */
  ledger(): Promise<(EffectIntent | EffectOutcome)[]>
  /** What was done in the name of the effect, at the target. */
  effects(): string[]
  /** Puts a configuration in place and runs the service with it, as somebody else would. */
  configure(text: string): Promise<void>
  well(): Promise<boolean>
}

/** `web`, well, with `good` as its good configuration; and `job`, that nobody declared. */
export async function setStage(): Promise<Stage> {
  const undo = tempFolder()
  const port = String(await freePort())
  const probe: Probe = { name: 'ready', kind: 'http', url: `http://127.0.0.1:${port}/`, timeout_ms: 1000 }
  const world = await testRuntime((folder) => {
    const config_file = join(folder, 'web.json')
    writeFileSync(config_file, good)
    return [spec('web', [...node(web), port, config_file], { config_file, probes: [probe] })]
  })
  const well = async () => (await runProbe(probe)).ok
  await until('the web service', well)
  world.host.launch(spec('job', forever), 'web', { by: 'injector' })
  const swarm = await testSwarm()
  const reader = await swarm.actor('auditor')
  const open = { engine: everything, keys: operator.keys, setting: { mode: 'auto', environment: 'test' }, approvalMs: 60_000 } as const
  return {
    world,
    swarm,
    well,
    request: (type, target, condition, within_ms = 10_000) => requestOf(act('act', { type, target, expect: { condition, within_ms } })),
    agent: async (runtime = world.as('writer'), gate = {}) => {
      const actor = await swarm.actor('action-agent')
      const ledger = new Ledger(actor)
      const undoStore = new UndoStore(undo.path, new Vault(actor.keys, 'undo'))
      return new Transaction(runtime, ledger, new Gate(actor, ledger, { ...open, ...gate }), undoStore, actor.log)
    },
    ledger: async () =>
      (await Array.fromAsync(reader.bus.history('EFFECTS'))).map((stored) => reader.inbox.fact(stored)!.payload as EffectIntent),
    effects: () =>
      world
        .ops()
        .filter(({ idempotency_key }) => idempotency_key === key)
        .map(({ op, name }) => `${op} ${name}`),
    configure: async (text) => {
      await world.host.setConfig('web', text, { by: 'host' })
      await world.host.restart('web', { by: 'host' })
      await until('the service with its new configuration', async () => (await well()) === (text === good))
    },
    [Symbol.asyncDispose]: async () => {
      await swarm[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
      undo[Symbol.dispose]()
    }
  }
}
