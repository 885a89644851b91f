import { readFileSync } from 'node:fs'
import { auditSettings, runActor } from '@triage/actor'
import { trustedKeys } from '@triage/audit-verify'
import { openNoteKey } from '@triage/keyring/note-key'
import { Auditor } from './auditor.ts'

const settings = {
  ...auditSettings,
  logKey: { env: 'TRIAGE_LOG_KEY', kind: 'path', description: 'file with the key that the audit log is signed with' }
} as const

await runActor('auditor', settings, (actor, config) =>
  new Auditor(actor, openNoteKey(config.logKey), trustedKeys(readFileSync(config.auditKeys, 'utf8'))).start()
)
