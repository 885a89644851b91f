// Facts → state → next decisions. Pure: no clock, no random source, no I/O.
export { type Draft, factMessageId } from './draft.ts'
export type { Fact } from './fact.ts'
export { fold, initialState } from './fold.ts'
export { type Phases, phases } from './phases.ts'
export { mayCollect, type PlanningNeed, planningNeed } from './planning.ts'
export { type Scheduled, schedule } from './schedule.ts'
export type { Asked, IncidentState, PlanRun, TaskRun } from './state.ts'
export { inventoryOf, latestObservations, observedCollectors, triedActions } from './state.ts'
