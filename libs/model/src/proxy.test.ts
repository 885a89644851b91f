// Which way a request takes: a proxy that counts, and variables that name it.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { startModelServer } from '@triage/model-server'
import { expect, test } from 'vitest'
import { openModel } from './open.ts'
import { request as asking, good } from './test-request.ts'

/** Whatever host it is asked to reach, it reaches `port` here. */
async function startProxy(port: number) {
  const through: string[] = []
  const proxy = createServer((head, back) => {
    const { host, pathname } = new URL(head.url!)
    through.push(host)
    const { method, headers } = head
    head.pipe(request({ port, host: '127.0.0.1', path: pathname, method, headers }, (answer) => answer.pipe(back)))
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`
  return { url, through, [Symbol.dispose]: () => void proxy.close() }
}

test('through the proxy elsewhere, unless NO_PROXY says otherwise; straight to this machine, whatever is said', async () => {
  await using server = await startModelServer({ script: [{ does: 'answer', text: JSON.stringify(good) }] })
  const port = Number(new URL(server.ollama_url).port)
  using proxy = await startProxy(port)
  const ask = (host: string, env: object) =>
    openModel('openai-compatible/scripted:1b', {
      env: { HTTP_PROXY: proxy.url, OPENAI_BASE_URL: `http://${host}:${port}/v1`, ...env }
    }).complete(asking())
  expect(await ask('models.invalid', {})).toMatchObject({ object: good })
  expect(proxy.through).toEqual([`models.invalid:${port}`])
  await expect(ask('models.invalid', { NO_PROXY: '.invalid' })).rejects.toMatchObject({ code: 'E_MODEL_UNREACHABLE' })
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) await ask(host, {}).catch(() => {})
  expect(proxy.through.length).toBe(1)
})
