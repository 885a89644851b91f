// Downloads nats-server as its makers release it, and believes it only if the archive has the pinned checksum.
import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onPath } from './path.ts'
import { type Env, run } from './run.ts'

export interface Release {
  version: string
  /** The URL of the folder that holds the archives. */
  url: string
  /** No answer in this many milliseconds: the host is taken for unreachable. */
  connect_ms: number
  /** SHA-256 of each archive (hex), by platform and architecture in Go's words. */
  sha256: Readonly<Record<string, string>>
}

/** Checksums: the release's own SHA256SUMS. */
export const natsRelease: Release = {
  version: '2.15.0',
  url: 'https://github.com/nats-io/nats-server/releases/download/v2.15.0',
  connect_ms: 5000,
  sha256: {
    'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
    'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
    'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
    'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8'
  }
}

export const releasePlatform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`

/** Unpacks the release into the folder; returns the path of the program. Throws an Error that says why not. */
export async function downloadRelease(release: Release, folder: string, env: Env, signal: AbortSignal): Promise<string> {
  const sha256 = release.sha256[releasePlatform]
  if (!sha256) throw new Error(`no pinned checksum for ${releasePlatform}`)
  const tar = await onPath('tar', env)
  const name = `nats-server-v${release.version}-${releasePlatform}`
  const archive = await download(`${release.url}/${name}.tar.gz`, release.connect_ms, signal)
  const actual = hash('sha256', archive)
  if (actual !== sha256) throw new Error(`${name}.tar.gz has the checksum ${actual}, not the pinned ${sha256}`)
  await writeFile(join(folder, 'archive.tar.gz'), archive)
  await run(tar, ['-xzf', 'archive.tar.gz', `${name}/nats-server`], { env, cwd: folder, signal })
  return join(folder, name, 'nats-server')
}

async function download(url: string, connect_ms: number, signal: AbortSignal): Promise<Uint8Array> {
  const unreachable = new AbortController()
  const timer = setTimeout(() => unreachable.abort(), connect_ms)
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, unreachable.signal]) })
    clearTimeout(timer)
    if (!response.ok) throw new Error(`status ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    signal.throwIfAborted()
    const { message, cause } = error as Error
    const reason = unreachable.signal.aborted ? `no answer within ${connect_ms / 1000} s` : cause instanceof Error ? cause.message : message
    throw new Error(`${new URL(url).host}: ${reason}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
