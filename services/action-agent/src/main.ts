import { runActor, runtimeSettings, serveTasks } from '@triage/actor'
import { Vault } from '@triage/keyring'
import { processRuntime } from '@triage/runtime'
import { Ledger } from './ledger.ts'
import { Transaction } from './transaction.ts'
import { UndoStore } from './undo-store.ts'

const settings = {
  ...runtimeSettings,
  undo: { env: 'TRIAGE_UNDO', kind: 'path', description: 'folder that keeps what undoing an action needs' }
} as const

await runActor('action-agent', settings, (actor, config) => {
  const runtime = processRuntime({ url: config.runtimeUrl, token: config.runtimeToken })
  const transaction = new Transaction(runtime, new Ledger(actor), new UndoStore(config.undo, new Vault(actor.keys, 'undo')), actor.log)
  return serveTasks(actor, (request, { envelope }) => transaction.run(request, { traceparent: envelope.traceparent, cause: envelope.id }))
})
