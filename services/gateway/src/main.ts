import { runActor } from '@triage/actor'
import { Gateway } from './gateway.ts'

await runActor('gateway', {}, (actor) => new Gateway(actor).start())
