// How many tokens a text may take. Each model cuts text differently and its vocabulary is not at hand, so this is an upper estimate
// for byte-pair vocabularies: words in pieces of three letters (they are longer), capitals in pieces of two, each digit and each mark
// alone, and every byte of other scripts (what a vocabulary does not know falls back to bytes). Prompts are mostly marks and English,
// and take three fifths to four fifths of it (measured with SmolLM2's vocabulary). Only letters at random take more, up to two and a
// half times: a context that overflows by them is a question that failed, and the chain goes on.
const piece = /[a-z]+|[A-Z]+|\n|[ \t]{2,}|[!-/:-@[-`{-~0-9]|[^\p{ASCII}]+/gu
const bytes = new TextEncoder()

function sizeOf(found: string): number {
  const first = found.charCodeAt(0)
  if (first > 127) return bytes.encode(found).length
  if (first >= 97 && first <= 122) return Math.ceil(found.length / 3)
  return first >= 65 && first <= 90 ? Math.ceil(found.length / 2) : 1
}

export function estimateTokens(text: string): number {
  let tokens = 0
  for (const [found] of text.matchAll(piece)) tokens += sizeOf(found)
  return tokens
}
