// The Cedar engine, compiled to WebAssembly: loaded once, on import, which takes about 30 MB. Nothing else imports it.

export type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs'
export {
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate
} from '@cedar-policy/cedar-wasm/nodejs'
