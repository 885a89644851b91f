// Language models behind one small port.
export { type ModelId, type ModelOptions, openModel, parseModelId } from './open.ts'
export type { Completion, CompletionRequest, Constraint, FinishReason, Limits, Message, Model, Usage } from './port.ts'
export { modelSettings } from './settings.ts'
