// A model of a file for Ollama. Its client sends no files, and its server reads none: not in a container, and not across users.
import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { TriageError } from '@triage/contracts'
import { threads } from './kinds.ts'

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}`
}

/** @throws E_MODEL_REFUSED with what Ollama says */
export async function giveFile(url: string, name: string, path: string, signal?: AbortSignal): Promise<void> {
  const digest = await digestOf(path)
  const post = async (to: string, body: Blob | string) => {
    const answer = await fetch(`${url}${to}`, { method: 'POST', body, signal })
    const said = (await answer.text()).slice(0, 500)
    if (!answer.ok) throw new TriageError('E_MODEL_REFUSED', `Ollama does not take ${path}: ${answer.status} ${said}`)
  }
  await post(`/api/blobs/${digest}`, await openAsBlob(path))
  await post(
    '/api/create',
    JSON.stringify({ model: name, files: { 'model.gguf': digest }, parameters: { num_thread: threads }, stream: false })
  )
}
