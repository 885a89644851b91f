import { runActor } from '@triage/actor'
import { Scheduler } from './scheduler.ts'

await runActor('scheduler', {}, (actor) => new Scheduler(actor).start())
