// One recorded question: a file named after what was asked, <key>.<lane>.json. The lane is how often the same was asked before.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorReport } from '@triage/contracts'
import { redactFields } from '@triage/redact'
import canonicalize from 'canonicalize'
import type { Completion, CompletionRequest } from './port.ts'

/** What the answer depends on; limits of time do not belong to it. */
export interface Asked {
  model: string
  /** Null: asked for the context. */
  completion: (Pick<CompletionRequest, 'messages' | 'schema' | 'temperature' | 'seed'> & { max_output_tokens: number }) | null
  /** Asked for vectors of these texts, and for nothing else. */
  texts?: readonly string[]
}

/** To a question for the context, a number; for vectors, those. */
export type Answer = Completion | number | number[][]
export type Outcome<T = Answer> = { value: T } | { error: ErrorReport }

export interface Entry {
  asked: Asked
  outcome: Outcome
}

/** Without secrets, so that the key is that of what the file says. */
export function askedOf(model: string, request: CompletionRequest | null): Asked {
  if (!request) return { model, completion: null }
  const { messages, schema, temperature, seed, limits } = request
  // A text that was cut within a character has no canonical form.
  const whole = messages.map(({ role, content }) => ({ role, content: content.toWellFormed() }))
  return redactFields({ model, completion: { messages: whole, schema, temperature, seed, max_output_tokens: limits.max_output_tokens } })
}

export const askedForVectors = (model: string, texts: readonly string[]): Asked =>
  redactFields({ model, completion: null, texts: texts.map((text) => text.toWellFormed()) })

/** SHA-256 over the canonical JSON (RFC 8785), hex. */
export const keyOf = (asked: Asked): string => createHash('sha256').update(canonicalize(asked)!).digest('hex')

const fileOf = (folder: string, key: string, lane: number): string => join(folder, `${key}.${lane}.json`)

/** Written whole or not at all. */
export async function writeEntry(folder: string, key: string, lane: number, entry: Entry): Promise<void> {
  await mkdir(folder, { recursive: true })
  const partial = join(folder, `.${randomUUID()}`)
  await writeFile(partial, `${JSON.stringify(entry, null, 2)}\n`)
  await rename(partial, fileOf(folder, key, lane))
}

/** Null when there is none. */
export async function readEntry(folder: string, key: string, lane: number): Promise<Entry | null> {
  return readFile(fileOf(folder, key, lane), 'utf8').then(
    (text) => JSON.parse(text) as Entry,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    }
  )
}

/** The first of each key, in the order of their names. */
export async function everyEntry(folder: string): Promise<Entry[]> {
  const names = await readdir(folder).catch(() => [])
  const keys = names.filter((name) => name.endsWith('.0.json')).sort()
  const entries = await Promise.all(keys.map((name) => readEntry(folder, name.slice(0, -'.0.json'.length), 0)))
  return entries.filter((entry) => entry !== null)
}
