// Language models as planners: facts to a prompt, an answer to a plan, and the chain of models between. Pure: no clock, no random
// source, no I/O. A model chooses from an offer; what it says is judged, never obeyed.
export type { Briefing, Offer } from './briefing.ts'
export { type Answered, type Attempt, answered, type Chain, failed, type Link, next, type Step, startChain } from './chain.ts'
export { type Form, repairForm } from './form.ts'
export { errorsForModel, type Judgement, judge } from './judge.ts'
export type { Message } from './message.ts'
export type { PlanContext } from './plan-of.ts'
export { buildPrompt, type LeftOut, type Prompt } from './prompt.ts'
export { quote } from './quote.ts'
export { reaskTokens } from './reask.ts'
export { mayAskModels, type Replan, replanFor, replanOf } from './replan.ts'
export { answerSchema } from './schema.ts'
export { estimateTokens } from './tokens.ts'
