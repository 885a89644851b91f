// The two servers: how each is named, ordered, recognised and judged.
import { type ErrorCode, TriageError } from '@triage/contracts'
import { type Env, run } from './run.ts'
import { parseVersion } from './version.ts'

export interface Program {
  name: 'nats-server' | 'redis-server'
  /** The environment variable that orders a certain one. */
  variable: string
  /** What is thrown if there is none. */
  code: ErrorCode
  /** Captures x.y.z in the output of `--version`. */
  pattern: RegExp
  /** From this version on, the search ends. */
  wanted: string
  /** From this version on, it will do if nothing better is found. */
  accepted: string
}

export const natsServer: Program = {
  name: 'nats-server',
  variable: 'NATS_SERVER',
  code: 'E_NO_NATS_SERVER',
  pattern: /^nats-server: v?(\d+\.\d+\.\d+)/m,
  wanted: '2.11.0',
  accepted: '2.9.0'
}

/** Some distributions ship Valkey under the name of redis-server; it speaks the same protocol. */
export const redisServer: Program = {
  name: 'redis-server',
  variable: 'REDIS_SERVER',
  code: 'E_NO_REDIS_SERVER',
  pattern: /^(?:Redis|Valkey) server v=(\d+\.\d+\.\d+)/m,
  wanted: '0.0.0',
  accepted: '0.0.0'
}

export interface Found {
  path: string
  /** x.y.z */
  version: string
  /** Where it comes from, for people. */
  source: string
}

/** Asks the program itself, for 5 s at most. Throws an Error if it is not the program it should be. */
export async function versionOf(program: Program, path: string, env: Env, signal?: AbortSignal): Promise<string> {
  const output = await run(path, ['--version'], { env, signal, limit_ms: 5000 })
  const version = parseVersion(program.pattern, output)
  if (!version) throw new Error(`${path} is no ${program.name}: --version says "${output.trim().slice(0, 80)}"`)
  return version
}

/**
 * The program that its environment variable names, of any version; null if the variable is not set.
 * A set variable is an order: if it cannot be obeyed, the program's error code is thrown and nothing else is tried.
 */
export async function ordered(program: Program, env: Env, signal?: AbortSignal): Promise<Found | null> {
  const path = env[program.variable]
  if (!path) return null
  try {
    return { path, version: await versionOf(program, path, env, signal), source: program.variable }
  } catch (error) {
    signal?.throwIfAborted()
    const message = `${program.variable} is set to ${path}, which is no usable ${program.name}: ${(error as Error).message}`
    throw new TriageError(program.code, message, { cause: error })
  }
}
