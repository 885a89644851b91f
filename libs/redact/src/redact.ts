// Takes secrets out of what is logged, stored, said or shown.
export { redactFields } from './fields.ts'
export { redact } from './text.ts'
