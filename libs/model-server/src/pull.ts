import type { ServerResponse } from 'node:http'
import type { ListedModel } from './catalogue.ts'

/** Pulls in four steps, after which the server has the model. A name that begins with `no-such` is in no registry. */
export function pull(name: string, models: ListedModel[], response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const say = (value: unknown) => response.write(`${JSON.stringify(value)}\n`)
  say({ status: 'pulling manifest' })
  if (name.startsWith('no-such')) say({ error: 'pull model manifest: file does not exist' })
  else {
    for (const completed of [0, 500, 1000]) say({ status: 'pulling layer', digest: 'sha256:1', total: 1000, completed })
    models.push({ name, size_bytes: 1000, context_tokens: 2048 })
    say({ status: 'success' })
  }
  response.end()
}
