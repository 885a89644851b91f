import { runActor } from '@triage/actor'
import { Auditor } from './auditor.ts'

await runActor('auditor', {}, (actor) => new Auditor(actor).start())
