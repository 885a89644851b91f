// Language models behind one small port.
export { recordModel, replayModel } from './cassette.ts'
export { type Attributes, costUsd, genAiAttributes, type Price } from './genai-attributes.ts'
export { type ModelId, type ModelOptions, openModel, parseModelId } from './open.ts'
export type { Completion, CompletionRequest, Constraint, FinishReason, Limits, Message, Model, Usage } from './port.ts'
export { type PullProgress, pullModel } from './pull.ts'
export type { Patience } from './retry.ts'
export { modelSettings } from './settings.ts'
export { type FoundModel, type FoundServer, surveyModels } from './survey.ts'
