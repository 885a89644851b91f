// Runs a command to its end beside a workload.
import type { Readable } from 'node:stream'
import { TriageError } from '@triage/contracts'
import type { ExecResult } from '../port.ts'
import { type Command, spawnChild } from './child.ts'

/** The client of the port waits 10 s. */
const limitMs = 8000
const maxChars = 1024 ** 2

/**
 * Throws E_TIMEOUT when it takes more than 8 s, E_RUNTIME_FAILED when it writes more than 1 MiB, cannot be started, or is
 * ended by a signal, also that which `closing` causes.
 */
export async function runCommand(data: string, command: Command, closing: AbortSignal): Promise<ExecResult> {
  const child = spawnChild(data, command)
  let refusal: TriageError | undefined
  const end = (error: TriageError) => {
    refusal ??= error
    child.kill('SIGKILL')
    // Somebody who left the process group may hold the pipes open.
    for (const stream of [child.stdout, child.stderr]) stream.destroy()
  }
  const limit = setTimeout(() => end(new TriageError('E_TIMEOUT', `${command.name} took more than ${limitMs / 1000} s`)), limitMs)
  const tooMuch = () => end(new TriageError('E_RUNTIME_FAILED', `${command.name} wrote more than 1 MiB`))
  const close = () => end(new TriageError('E_RUNTIME_FAILED', 'The runtime is shutting down'))
  closing.addEventListener('abort', close)
  const [{ code, signal }, stdout, stderr] = await Promise.all([
    child.exited,
    collect(child.stdout, tooMuch),
    collect(child.stderr, tooMuch)
  ])
  clearTimeout(limit)
  closing.removeEventListener('abort', close)
  if (refusal) throw refusal
  if (signal) throw new TriageError('E_RUNTIME_FAILED', `${command.name} was ended by ${signal}`)
  return { exit_code: code ?? 0, stdout, stderr }
}

function collect(stream: Readable, tooMuch: () => void): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text += chunk
    if (text.length > maxChars) tooMuch()
  })
  return new Promise((resolve) => stream.once('close', () => resolve(text)))
}
