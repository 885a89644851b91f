// The one entry of the contracts: types, validators, catalogues and the subject grammar.
export { type ActionSpec, type ActionType, actions, isActionType } from './actions.ts'
export { type ErrorCode, errors, explain, TriageError } from './errors.ts'
export type * from './generated/types.ts'
export type { Validator } from './generated/validators.js'
export { idempotencyKeyOf } from './idempotency-key.ts'
export { limits } from './limits.ts'
export {
  type FactType,
  type MessageType,
  type Role,
  roles,
  type Stream,
  type StreamName,
  streamOf,
  streams,
  subjectOf,
  subjectsFor,
  takes,
  typesOn,
  writersOf
} from './subjects.ts'
export { checkSchema, type SchemaName, validArgs, validPayload } from './validate.ts'
