import { ollama } from './ollama.ts'
import { openAi } from './openai.ts'
import type { Protocol } from './script.ts'
import type { Words } from './words.ts'

export const words: Record<Protocol, Words> = { ollama, openai: openAi }
