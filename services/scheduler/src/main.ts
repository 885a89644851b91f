import { questionSettings, runActor } from '@triage/actor'
import { Scheduler } from './scheduler.ts'

await runActor('scheduler', questionSettings, (actor, { questionMs }) => new Scheduler(actor, questionMs).start())
