// Cedar decides what may be done. The policies are files that operators edit; the schema they are held to is made from the action catalogue.
export { PolicyEngine } from './engine.ts'
export { loadPolicies } from './load.ts'
export type { Decision, PolicyContext, Question } from './question.ts'
export { runTables } from './table.ts'
