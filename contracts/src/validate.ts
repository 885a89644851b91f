// Checks data against the schemas, with a sentence that says where it does not fit.
import type { ActionType } from './actions.ts'
import type { Contracts, PayloadByType } from './generated/types.ts'
import { payloadValidators, type Validator, validators } from './generated/validators.js'

export type SchemaName = keyof Contracts

/** Null when `data` fits, else a sentence that names the path and the rule. */
function complaint(validate: Validator, data: unknown): string | null {
  if (validate(data)) return null
  const first = validate.errors?.[0]
  const extra = first?.params.additionalProperty ?? first?.params.allowedValues
  return `${first?.instancePath || '/'} ${first?.message ?? 'does not fit'}${extra === undefined ? '' : ` (${String(extra)})`}`
}

/** Null when `data` fits the schema, else what is wrong. */
export const checkSchema = (name: SchemaName, data: unknown): string | null => complaint(validators[name]!, data)

/** Null when `payload` fits the message type, else what is wrong. Unknown types fit nothing. */
export function validPayload(type: string, payload: unknown): string | null {
  const validate = Object.hasOwn(payloadValidators, type) ? payloadValidators[type as keyof PayloadByType] : undefined
  return validate ? complaint(validate, payload) : `there is no message type ${type}`
}

/** Null when `args` are valid for the action, else what is wrong. */
export const validArgs = (type: ActionType, args: unknown): string | null =>
  complaint(validators[`args__${type.replace('.', '__')}`]!, args)
