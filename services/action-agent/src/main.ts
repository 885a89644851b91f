import { join } from 'node:path'
import { runActor, serveTasks } from '@triage/actor'
import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { openOperatorKeys } from '@triage/approval'
import { limits } from '@triage/contracts'
import { Vault } from '@triage/keyring'
import { loadPolicies } from '@triage/policy'
import { modeOf } from './circumstances.ts'
import { Gate } from './gate.ts'
import { Ledger } from './ledger.ts'
import { Transaction } from './transaction.ts'
import { UndoStore } from './undo-store.ts'

const settings = {
  ...runtimeSettings,
  undo: { env: 'TRIAGE_UNDO', kind: 'path', description: 'folder that keeps what undoing an action needs' },
  policies: {
    env: 'TRIAGE_POLICIES',
    kind: 'path',
    description: 'folder of the policies',
    default: join(import.meta.dirname, '../../../policies')
  },
  operatorKeys: { env: 'TRIAGE_OPERATOR_KEYS', kind: 'path', description: 'PEM file with the public keys of those who may approve' },
  mode: { env: 'TRIAGE_MODE', kind: 'string', description: 'observe, approve or auto', default: 'approve' },
  environment: {
    env: 'TRIAGE_ENVIRONMENT',
    kind: 'string',
    description: 'what the policies know the environment as',
    default: 'production'
  },
  approvalMs: {
    env: 'TRIAGE_APPROVAL_MS',
    kind: 'integer',
    description: 'how long a human may take to answer, in milliseconds',
    default: limits.approval_ms
  }
} as const

await runActor('action-agent', settings, async (actor, config) => {
  const { environment, approvalMs } = config
  const runtime = await openRuntime(config)
  const ledger = new Ledger(actor)
  const gate = new Gate(actor, ledger, {
    engine: loadPolicies(config.policies),
    keys: openOperatorKeys(config.operatorKeys),
    setting: { mode: modeOf(config.mode), environment },
    approvalMs
  })
  const undo = new UndoStore(config.undo, new Vault(actor.keys, 'undo'))
  const transaction = new Transaction(runtime, ledger, gate, undo, actor.log)
  return serveTasks(actor, (request, { envelope }) =>
    transaction.run(request, { traceparent: envelope.traceparent, cause: envelope.id, fence: envelope.fence ?? 0 })
  )
})
