import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The Cedar schema that every policy must fit: an action that the catalogue does not have is an error. */
export const schema = readFileSync(join(import.meta.dirname, 'generated/triage.cedarschema'), 'utf8')
