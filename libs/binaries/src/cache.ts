// The folder that keeps fetched programs, each as <name>-<version>.
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { type Program, versionOf } from './program.ts'
import type { Env } from './run.ts'
import { compareVersions } from './version.ts'

/** `$XDG_CACHE_HOME/triage/bin`, or `~/.cache/triage/bin`. The XDG standard ignores a relative path. */
export function cacheFolder(env: Env): string {
  const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), '.cache')
  return join(base, 'triage', 'bin')
}

/** The newest one in the cache. Throws an Error if there is none. */
export async function newestInCache(program: Program, cache: string): Promise<string> {
  const prefix = `${program.name}-`
  const names = await readdir(cache).catch(() => [])
  const versions = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  const newest = versions
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version))
    .sort(compareVersions)
    .at(-1)
  if (!newest) throw new Error(`nothing in ${cache}`)
  return join(cache, prefix + newest)
}

/**
 * Keeps what `fetch` leaves in the temporary folder it is given: the program gets there whole or not at all.
 * The folder is inside the cache, so that the rename stays on one file system; it is removed in any case.
 */
export async function keepInCache(program: Program, cache: string, env: Env, fetch: (folder: string) => Promise<string>): Promise<string> {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, '.fetch-'))
  try {
    const fetched = await fetch(folder)
    await chmod(fetched, 0o755)
    const kept = join(cache, `${program.name}-${await versionOf(program, fetched, env)}`)
    await rename(fetched, kept)
    return kept
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
