// Rehearsed incidents and the oracle that judges them.
export { type Check, judge } from './oracle.ts'
export { findScenario, loadScenarios, type Scenario } from './scenario.ts'
