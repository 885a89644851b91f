import { readFileSync } from 'node:fs'
import { auditSettings, runActor, together } from '@triage/actor'
import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { trustedKeys } from '@triage/audit-verify'
import { openNoteKey } from '@triage/keyring/note-key'
import { Monitor } from './monitor.ts'
import { Witness } from './witness.ts'
import { World } from './world.ts'

const settings = {
  ...runtimeSettings,
  ...auditSettings,
  intervalMs: { env: 'TRIAGE_PROBE_MS', kind: 'integer', description: 'milliseconds between two looks at the world', default: 1000 },
  witnessKey: { env: 'TRIAGE_WITNESS_KEY', kind: 'path', description: 'file with the key that the witness of the audit log signs with' },
  witness: { env: 'TRIAGE_WITNESS', kind: 'path', description: 'folder of what the witness remembers; best on a disk of its own' }
} as const

await runActor('monitor', settings, async (actor, config) => {
  const runtime = await openRuntime(config)
  const keys = trustedKeys(readFileSync(config.auditKeys, 'utf8'))
  const witness = await new Witness(actor, openNoteKey(config.witnessKey), keys, config.witness).start()
  return together(await new Monitor(actor, new World(runtime), config.intervalMs).start(), witness)
})
