// Observations to ranked hypotheses to a plan. Pure, but for loadRulebook.
export { type DecideInput, type Decision, decide } from './decide.ts'
export { loadRulebook, parseRulebook } from './load.ts'
export type { Rule, Rulebook } from './rule.ts'
