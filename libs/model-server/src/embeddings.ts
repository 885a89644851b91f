// Vectors of texts: how often each piece of three letters is in them, so that words that are spelled alike are alike.
import type { Protocol } from './script.ts'

const dimensions = 256

function vectorOf(text: string): number[] {
  const vector = Array<number>(dimensions).fill(0)
  const letters = ` ${text.toLowerCase().replace(/[^a-z]+/g, ' ')} `
  for (let i = 0; i + 3 <= letters.length; i++) {
    const [a, b, c] = [0, 1, 2].map((at) => letters.charCodeAt(i + at)) as [number, number, number]
    vector[(a * 31 * 31 + b * 31 + c) % dimensions]! += 1
  }
  return vector
}

export const isEmbeddingPath = (path: string): boolean => path === '/api/embed' || path === '/v1/embeddings'

/** Both protocols take a text or a list of them. */
export const textsIn = ({ input }: Record<string, unknown>): string[] => [input].flat().map(String)

export function embeddingsOf(protocol: Protocol, texts: readonly string[]): object {
  const vectors = texts.map(vectorOf)
  if (protocol === 'ollama') return { embeddings: vectors }
  return { object: 'list', data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })) }
}
