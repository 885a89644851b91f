// Observations to ranked hypotheses to a plan. Pure, but for loadRulebook.
export { type DecideInput, type Decision, decide, type Tried } from './decide.ts'
export { healthReport } from './health.ts'
export { loadRulebook } from './load.ts'
export { matching } from './match.ts'
export { mentionedIn } from './mention.ts'
export { patternsOf, type Rulebook } from './rule.ts'
