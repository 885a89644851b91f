// What a model server shall run, and within which limits.
import { open, realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { TriageError } from '@triage/contracts'

/** llama: llama.cpp's server, of a GGUF file. ollama: of its library, or of a GGUF file. */
export type Kind = 'llama' | 'ollama'

export interface Spec {
  /** Of the engine: several stand side by side. */
  name: string
  /** Absolute path of a GGUF file, or a name in Ollama's library, as qwen3:4b. */
  model: string
  /** Kinds that may run it, the best first. */
  kinds: Kind[]
  /** Instead of the kind's own; null for that. */
  image: string | null
  context_tokens: number
  /** Layers that are computed on a GPU; with 0 a container gets none. Ollama decides by itself how many. */
  gpu_layers: number
  /** Of a container. */
  memory_mb: number
}

export const isFile = (model: string): boolean => model.endsWith('.gguf')

/** The name by which a server is asked for it. */
export const aliasOf = (model: string): string =>
  isFile(model)
    ? basename(model, '.gguf')
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
    : model

const leastMemoryMb = 4096

/** Room for the model, its context and the server. */
export const enoughMemoryMb = (bytes: number): number => Math.max(leastMemoryMb, Math.ceil((bytes * 1.25) / 1024 ** 2) + 1024)

/**
 * A model file by its real path, and its size.
 * @throws E_ENGINE_MODEL when there is none, or it is not a GGUF file
 */
export async function modelFile(path: string): Promise<{ path: string; bytes: number }> {
  const real = await realpath(path).catch(() => {
    throw new TriageError('E_ENGINE_MODEL', `there is no file ${path}`)
  })
  if (!(await stat(real)).isFile()) throw new TriageError('E_ENGINE_MODEL', `${path} is not a file`)
  await using file = await open(real).catch((error: NodeJS.ErrnoException) => {
    throw new TriageError('E_ENGINE_MODEL', `${path} cannot be read: ${error.code}`)
  })
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  if (bytesRead < 4 || buffer.toString('latin1') !== 'GGUF') throw new TriageError('E_ENGINE_MODEL', `${path} is not a GGUF file`)
  return { path: real, bytes: (await file.stat()).size }
}
