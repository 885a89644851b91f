// Compiles the schema of rules; see docs/decisions/0002-compiled-validators.md. `--check` compares instead.
import { join } from 'node:path'
import { banner, compileValidators, emit } from '@triage/contracts/compile'
import schema from './rule.schema.json' with { type: 'json' }

const declaration = `${banner}import type { Validator } from '@triage/contracts'\nexport const validateFile: Validator\n`
await emit({
  [join(import.meta.dirname, 'generated/rule-validator.js')]: compileValidators(schema, { validateFile: schema.$id }),
  [join(import.meta.dirname, 'generated/rule-validator.d.ts')]: declaration
})
