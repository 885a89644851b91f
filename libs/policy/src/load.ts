// Files to policies. One that is not valid stops the start: half a policy set would permit what the other half forbids.
import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import { type DetailedError, policySetTextToParts, policyToJson, validate } from './cedar.ts'
import { type Policy, PolicyEngine } from './engine.ts'
import { schema } from './schema.ts'

const bad = (where: string, message: string): TriageError => new TriageError('E_POLICY_INVALID', `${where}: ${message}`)

/** Where in the file, as editors count. Cedar counts bytes. */
function placeOf(file: string, text: string, start: number | undefined): string {
  if (start === undefined) return file
  return `${file}:${Buffer.from(text, 'utf8').subarray(0, start).toString('utf8').split('\n').length}`
}

function complaint(file: string, text: string, { message, help, sourceLocations: [first] = [] }: DetailedError): TriageError {
  const said = message.replace(/^for policy `[^`]*`, /, '').replace(/^failed to parse policies from string: /, '')
  return bad(placeOf(file, text, first?.start), [said, first?.label, help].filter(Boolean).join('; '))
}

/** @param file name for messages. Throws E_POLICY_INVALID that names file and line. */
function parsePolicies(file: string, text: string): Policy[] {
  const answer = validate({ schema, policies: { staticPolicies: text } })
  const errors = answer.type === 'failure' ? answer.errors : answer.validationErrors.map(({ error }) => error)
  if (errors[0]) throw complaint(file, text, errors[0])
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') throw complaint(file, text, parts.errors[0]!)
  if (parts.policy_templates.length > 0) throw bad(file, 'templates are not used here: nothing would ever fill them in')
  return parts.policies.map((one) => {
    const line = placeOf(file, text, Buffer.byteLength(text.slice(0, text.indexOf(one)), 'utf8'))
    const json = policyToJson(one)
    const { id, why } = json.type === 'success' ? (json.json.annotations ?? {}) : {}
    if (!id || !/^[a-z0-9-]{1,100}$/.test(id)) throw bad(line, 'a policy needs a name of its own: @id("lower-case-words")')
    if (!why) throw bad(line, `${id} does not say why: @why("a sentence")`)
    return { id, why, text: one }
  })
}

/** Every .cedar file of a folder, as one set. Throws E_POLICY_INVALID that names file and line; also when there is none. */
export function loadPolicies(folder: string): PolicyEngine {
  try {
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.cedar'))
      .sort()
    const policies = files.flatMap((file) => parsePolicies(file, readFileSync(join(folder, file), 'utf8')))
    const twice = policies.find(({ id }, i) => policies.findIndex((other) => other.id === id) !== i)
    if (twice) throw bad(folder, `two policies are called ${twice.id}`)
    if (policies.length === 0) throw bad(folder, 'there is no policy: nothing would be permitted')
    return new PolicyEngine(policies)
  } catch (error) {
    throw TriageError.from(error, 'E_POLICY_INVALID')
  }
}
