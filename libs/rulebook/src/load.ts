// Files to a rulebook. A rule that is not valid stops the start: half a rulebook would diagnose with half the causes.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import { parse } from 'yaml'
import { checkPattern, checkRule } from './check.ts'
import { validateFile } from './generated/rule-validator.js'
import type { CauseRule, FallbackRule, Health, Rule, Rulebook } from './rule.ts'

interface File {
  health?: Health
  rules?: Rule[]
}

const bad = (file: string, message: string, cause?: unknown): TriageError => new TriageError('E_RULEBOOK', `${file}: ${message}`, { cause })

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw bad(file, (error as Error).message, error)
  }
}

/** `/rules/0/when/1` of rules of which the first is called hung → `rule hung: /when/1`. */
function locate(content: unknown, path: string): string {
  const [, index, rest = ''] = /^\/rules\/(\d+)(.*)$/.exec(path) ?? []
  if (index === undefined) return path || '/'
  const id = (content as { rules: { id?: unknown }[] }).rules[Number(index)]?.id
  return `rule ${typeof id === 'string' ? id : `number ${Number(index) + 1}`}: ${rest || '/'}`
}

function parseFile(file: string, text: string): File {
  const content = parseYaml(file, text) as File
  // Also fills in the defaults of the schema.
  if (!validateFile(content)) {
    const { instancePath, message, params } = validateFile.errors![0]!
    const extra: unknown = params.additionalProperty ?? params.allowedValues
    throw bad(file, `${locate(content, instancePath)} ${message}${extra === undefined ? '' : ` (${String(extra)})`}`)
  }
  const patterns = [...(content.health?.ill ?? []), ...(content.health?.suspect ?? [])]
  for (const pattern of patterns) for (const wrong of checkPattern('/health', pattern)) throw bad(file, wrong)
  for (const rule of content.rules ?? []) for (const wrong of checkRule(rule)) throw bad(file, `rule ${rule.id}: ${wrong}`)
  return content
}

/** The only one of its kind. */
function only<T>(items: readonly T[], what: string): T {
  if (items.length !== 1) throw bad('rulebook', `${what}: exactly one is needed, there are ${items.length}`)
  return items[0]!
}

/**
 * @param texts file name → YAML. The order of files and rules changes nothing.
 * @throws TriageError E_RULEBOOK that names file, rule and path
 */
export function parseRulebook(texts: Readonly<Record<string, string>>): Rulebook {
  const files = Object.entries(texts).map(([file, text]) => parseFile(file, text))
  const rules = files.flatMap((file) => file.rules ?? []).sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const [i, rule] of rules.entries()) if (rule.id === rules[i + 1]?.id) throw bad('rulebook', `two rules are called ${rule.id}`)
  const fallbacks = rules.filter((rule): rule is FallbackRule => 'fallback' in rule)
  const fallback = (name: FallbackRule['fallback']): FallbackRule =>
    only(
      fallbacks.filter((rule) => rule.fallback === name),
      `rules with fallback ${name}`
    )
  return {
    health: only(
      files.flatMap((file) => file.health ?? []),
      'files that say what health is'
    ),
    rules: rules.filter((rule): rule is CauseRule => 'when' in rule),
    fallbacks: { healthy: fallback('healthy'), unexplained: fallback('unexplained') }
  }
}

/** Reads every .yaml file of a folder. Throws E_RULEBOOK as parseRulebook does, and when the folder cannot be read. */
export async function loadRulebook(folder: string): Promise<Rulebook> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
    const texts = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const))
    return parseRulebook(Object.fromEntries(texts))
  } catch (error) {
    throw TriageError.from(error, 'E_RULEBOOK')
  }
}
