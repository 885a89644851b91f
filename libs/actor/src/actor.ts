// The life of one process of the swarm: start, be heard, drain, stop.

export { collect } from './collector.ts'
export type { Tracked } from './incident-log.ts'
export { Outbox } from './outbox.ts'
export type { Actor, Running } from './process.ts'
export { runActor } from './process.ts'
export { recall } from './recall.ts'
export { Reconciler } from './reconciler.ts'
export { auditSettings, commonSettings, questionSettings } from './settings.ts'
export { serveTasks, type TaskAnswer } from './task-server.ts'
export { together } from './together.ts'
