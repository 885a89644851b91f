// Before the tests with real models: looks for what they need, and gets it where that can be. What cannot be had is said; tests skip.
// - llama.cpp's server and Ollama: on PATH, or else their images, behind programs of their names.
// - A small model: the GGUF file that TRIAGE_TEST_GGUF names, or else SmolLM2-135M, which Ollama fetches once into the cache.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, onPath } from '@triage/binaries'
import { dockerFor, Engines, type Kind, kinds, options, specOf } from '@triage/cli/engine/testing'

const run = promisify(execFile)
const name = 'smollm2:135m'
// Also for a test that hides the engine from what it tries.
const inDocker = `DOCKER_HOST='${process.env.DOCKER_HOST ?? ''}' exec docker run --rm --init --network host`

/** Their programs from images, with the network, the files and the user of this machine. */
const scripts: Record<Kind, string> = {
  llama: `${inDocker} \${2:+--volume "$2:$2:ro"} ${kinds.llama.image} "$@"`,
  ollama: [
    `${inDocker} --user "$(id -u):$(id -g)" --env HOME=/tmp --env OLLAMA_HOST --env OLLAMA_MODELS --env OLLAMA_NUM_PARALLEL`,
    `--env OLLAMA_CONTEXT_LENGTH \${OLLAMA_MODELS:+--volume "$OLLAMA_MODELS:$OLLAMA_MODELS"}`,
    `\${TRIAGE_TEST_GGUF:+--volume "$TRIAGE_TEST_GGUF:$TRIAGE_TEST_GGUF:ro"} ${kinds.ollama.image} "$@"`
  ].join(' ')
}

async function provideProgram(kind: Kind, folder: string): Promise<void> {
  const { program, image } = kinds[kind]
  if (await onPath(program, process.env).catch(() => null)) return
  const here = await run('docker', ['image', 'inspect', image]).catch(() => null)
  if (!here) await run('docker', ['pull', '--quiet', image])
  await writeFile(join(folder, program), `#!/bin/sh\n${scripts[kind]}\n`, { mode: 0o755 })
}

/** @returns path of the file */
async function fetchModel(): Promise<string> {
  const folder = join(dirname(cacheFolder(process.env)), 'models')
  const file = join(folder, 'smollm2-135m.gguf')
  if (existsSync(file)) return file
  await mkdir(folder, { recursive: true })
  const engines = new Engines(folder, dockerFor('program'))
  const { record } = await engines.up({ ...(await specOf('ollama', name)), name: 'fetch' }, { ...options, log: console.error })
  try {
    const { stdout } = await run('ollama', ['show', '--modelfile', name], { env: { ...process.env, ...record.client.env } })
    await link(/^FROM (\/.+)$/m.exec(stdout)![1]!, file)
  } finally {
    await engines.down('fetch', { forget: true })
  }
  return file
}

const saying = (what: string, work: Promise<void>): Promise<void> =>
  work.catch((error: Error) => console.error(`${what} cannot be had: ${error.message}`))

export default async function setUp(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-programs-'))
  process.env.PATH = `${process.env.PATH}${delimiter}${folder}`
  for (const kind of ['llama', 'ollama'] as const) await saying(kinds[kind].program, provideProgram(kind, folder))
  if (!process.env.TRIAGE_TEST_GGUF)
    await saying(
      `the model ${name}`,
      fetchModel().then((file) => {
        process.env.TRIAGE_TEST_GGUF = file
      })
    )
  return () => rm(folder, { recursive: true, force: true })
}
