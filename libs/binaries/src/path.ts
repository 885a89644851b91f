// Looks programs up as a shell does, without one.
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Env } from './run.ts'

/** Where servers are installed that the PATH of an ordinary user may not name. */
export const serverFolders = ['/usr/sbin', '/opt/homebrew/bin', '/usr/local/bin'] as const

/** The first program of this name on PATH, then in `more` folders. Throws an Error if there is none. */
export async function onPath(name: string, env: Env, more: readonly string[] = []): Promise<string> {
  const folders = [...(env.PATH ?? '').split(delimiter), ...more].filter(isAbsolute)
  for (const folder of folders) {
    const path = join(folder, name)
    if (await isProgram(path)) return path
  }
  throw new Error(`there is no ${name}`)
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
