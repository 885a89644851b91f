import { resolve } from 'node:path'
import { TriageError } from '@triage/contracts'
import type { Command } from 'commander'

/** Options that every command takes. */
export interface Common {
  /** Absolute path of the data folder. */
  data: string
  json: boolean
}

export function commonOf(command: Command): Common {
  const { data, json } = command.optsWithGlobals() as { data: string; json?: boolean }
  return { data: resolve(data), json: json === true }
}

/** Prints an object for programs, or text for people. */
export function print({ json }: Common, value: unknown, text: () => string): void {
  console.log(json ? JSON.stringify(value) : text())
}

/** Option parser: a whole number of at least `least`. Throws E_USAGE. */
export const wholeNumber =
  (name: string, least = 0) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least)
      throw new TriageError('E_USAGE', `${name} must be a whole number of at least ${least}, not "${text}"`)
    return value
  }
