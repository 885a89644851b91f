// What was done to the workloads, one JSON line each: lets effects be counted where they take place.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const credentials = ['reader', 'writer', 'injector'] as const
export type Credential = (typeof credentials)[number]

export type Operation =
  | ('start' | 'stop' | 'restart' | 'kill' | 'exec' | 'set_config' | 'launch' | 'remove')
  // Of containers and their networks.
  | ('create' | 'pause' | 'unpause' | 'attach_network' | 'detach_network')

/** Who caused an operation. host: the launcher itself. */
export interface Cause {
  by: Credential | 'host'
  idempotency_key?: string
}

export interface OpRecord extends Cause {
  at: string
  op: Operation
  name: string
}

/** Where a runtime keeps the record of what was done, in its data folder. */
export const operationsFile = (folder: string): string => join(folder, 'ops.jsonl')

/** What was done so far, oldest first. */
export const readOperations = (folder: string): OpRecord[] =>
  readFileSync(operationsFile(folder), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as OpRecord)

/** Appends to a file. A call that finds nothing to do is not an effect and leaves no record. */
export class OpLog {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    mkdirSync(dirname(path), { recursive: true })
    // Nothing done is a record, too.
    appendFileSync(path, '', { mode: 0o600 })
  }

  /** Called right before the effect; when this throws there is no effect. */
  append(op: Operation, name: string, { by, idempotency_key }: Cause): void {
    const record: OpRecord = { at: new Date().toISOString(), op, name, by, idempotency_key }
    appendFileSync(this.#path, `${JSON.stringify(record)}\n`, { mode: 0o600 })
  }
}
