// For tests: real model servers, programs on PATH, with a real small model: the GGUF file that TRIAGE_TEST_GGUF names
// (SmolLM2-135M-Instruct is what the tests were written with). What is missing of these, test/model/setup.ts has got where it could.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@triage/ports'
import type { Env } from './server.ts'

const run = promisify(execFile)
/** One that has to wait for its core holds the others up many times as long. */
const threads = Math.max(1, availableParallelism() - 1)

export interface RealServer extends AsyncDisposable {
  url: string
  env: Env
  /** provider/model */
  id: string
}

interface Running {
  /** Its output so far, for when it does not start. */
  output(): string
  stop(): Promise<void>
}

const has = (program: string): Promise<boolean> =>
  run(program, ['--version']).then(
    () => true,
    () => false
  )

function start(program: string, args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close').catch(() => {})
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-4000)))
  return {
    output: () => output,
    stop: async () => {
      child.kill()
      await closed
    }
  }
}

async function ready(url: string, server: Running): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await server.stop()
  throw new Error(`${url} did not become ready:\n${server.output()}`)
}

/** llama.cpp's server, which answers one request at a time. Null where it or its model is not. */
export async function startLlama(contextTokens: number, env: Env = process.env): Promise<RealServer | null> {
  const gguf = env.TRIAGE_TEST_GGUF
  if (!gguf || !(await has('llama-server'))) return null
  const port = await freePort()
  const place = ['--host', '127.0.0.1', '--port', `${port}`, '--alias', 'smollm2']
  const limits = ['--parallel', '1', '--ctx-size', `${contextTokens}`, '--threads', `${threads}`]
  const server = start('llama-server', ['--model', gguf, ...place, ...limits])
  const url = `http://127.0.0.1:${port}`
  await ready(`${url}/health`, server)
  return { url, id: 'openai-compatible/smollm2', env: { OPENAI_BASE_URL: `${url}/v1` }, [Symbol.asyncDispose]: server.stop }
}

/** Ollama, which answers one request at a time; the model is made from the file. Null where it or the file is not. */
export async function startOllama(contextTokens: number, env: Env = process.env): Promise<RealServer | null> {
  const gguf = env.TRIAGE_TEST_GGUF
  if (!gguf || !(await has('ollama'))) return null
  const folder = await mkdtemp(join(tmpdir(), 'triage-ollama-'))
  const own = { OLLAMA_HOST: `127.0.0.1:${await freePort()}`, OLLAMA_MODELS: folder, OLLAMA_NUM_PARALLEL: '1' }
  const server = start('ollama', ['serve'], own)
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://${own.OLLAMA_HOST}`
  await ready(`${url}/api/version`, { ...server, stop })
  await writeFile(join(folder, 'Modelfile'), `FROM ${gguf}\nPARAMETER num_thread ${threads}\n`)
  await run('ollama', ['create', 'smollm2:135m', '--file', join(folder, 'Modelfile')], { env: { ...process.env, ...own } })
  const variables = { OLLAMA_HOST: url, TRIAGE_MODEL_CONTEXT_TOKENS: `${contextTokens}` }
  return { url, id: 'ollama/smollm2:135m', env: variables, [Symbol.asyncDispose]: stop }
}
