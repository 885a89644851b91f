// What models cost. No server tells: it is what the operator's file says, and not known of a model that is not in it.
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { type Cost, TriageError } from '@triage/contracts'
import type { Usage } from './port.ts'

interface Price {
  /** Of a million tokens. */
  input_per_mtok: number
  output_per_mtok: number
  /** ISO 4217 code, as USD. */
  currency: string
}

/** By provider/model. */
export type Prices = Readonly<Record<string, Price | undefined>>

const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0

/** Why it is no price; null when it is one. */
function flaw(price: Partial<Price> | null): string | null {
  if (!isAmount(price?.input_per_mtok)) return 'input_per_mtok must be a number, 0 or more'
  if (!isAmount(price?.output_per_mtok)) return 'output_per_mtok must be a number, 0 or more'
  return /^[A-Z]{3}$/.test(price?.currency ?? '') ? null : 'currency must be three capital letters, as USD'
}

/**
 * Of a JSON file: `{"provider/model": {"input_per_mtok": 0.15, "output_per_mtok": 0.6, "currency": "USD"}}`.
 * @param path absolute; empty: no price is known
 * @throws E_CONFIG that names the first bad price, or the file
 */
export async function loadPrices(path: string): Promise<Prices> {
  if (path === '') return {}
  const bad = (why: string): TriageError => new TriageError('E_CONFIG', `TRIAGE_MODEL_PRICES, ${path}: ${why}`)
  if (!isAbsolute(path)) throw bad('the path must be absolute')
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw bad(error.message)
  })
  const prices = parsed(text)
  if (prices === null) throw bad('it must be a JSON object of prices by model')
  for (const [model, price] of Object.entries(prices)) {
    const why = flaw(price as Partial<Price> | null)
    if (why) throw bad(`${model}: ${why}`)
  }
  return prices as Prices
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** Null when the price or the number of tokens is not known. */
export function costOf({ input_tokens, output_tokens }: Usage, price: Price | undefined): Cost | null {
  if (!price || input_tokens === null || output_tokens === null) return null
  const { input_per_mtok, output_per_mtok, currency } = price
  return { amount: (input_tokens * input_per_mtok + output_tokens * output_per_mtok) / 1e6, currency }
}
