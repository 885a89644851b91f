import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { costOf, loadPrices } from './prices.ts'

const price = { input_per_mtok: 0.5, output_per_mtok: 2, currency: 'EUR' }

test('tokens cost what the file says; what is not known costs nobody knows what', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-prices-'))
  const path = join(folder.path, 'prices.json')
  const free = { ...price, input_per_mtok: 0, output_per_mtok: 0 }
  await writeFile(path, JSON.stringify({ 'openai/gpt-5': price, 'ollama/qwen3:4b': free }))
  const prices = await loadPrices(path)
  const usage = { input_tokens: 2000, output_tokens: 500 }
  expect(costOf(usage, prices['openai/gpt-5'])).toEqual({ amount: 0.002, currency: 'EUR' })
  expect(costOf(usage, prices['ollama/qwen3:4b'])).toEqual({ amount: 0, currency: 'EUR' })
  expect(costOf(usage, prices['ollama/another'])).toBeNull()
  expect(costOf({ ...usage, output_tokens: null }, prices['openai/gpt-5'])).toBeNull()
  expect(await loadPrices('')).toEqual({})
})

test.each([
  ['cut', '{"a": ', 'must be a JSON object'],
  ['a list', '[]', 'must be a JSON object'],
  ['nothing', 'null', 'must be a JSON object'],
  ['no price', '{"ollama/a": null}', 'ollama/a: input_per_mtok'],
  ['negative', JSON.stringify({ 'ollama/a': { ...price, output_per_mtok: -1 } }), 'ollama/a: output_per_mtok'],
  ['words', JSON.stringify({ 'ollama/a': { ...price, currency: 'dollars' } }), 'ollama/a: currency']
])('a file that is no list of prices is refused by name: %s', async (_, text, why) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-prices-'))
  const path = join(folder.path, 'prices.json')
  await writeFile(path, text)
  await expect(loadPrices(path)).rejects.toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining(why) })
})

test('a path that depends on who reads it, or leads nowhere, is refused', async () => {
  for (const path of ['prices.json', '/nowhere/prices.json']) await expect(loadPrices(path)).rejects.toMatchObject({ code: 'E_CONFIG' })
})
