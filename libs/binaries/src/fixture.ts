// For tests: a temporary folder with stand-in programs, removed at the end of its scope.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Fixture extends AsyncDisposable {
  folder: string
  /** Writes an executable shell script; returns its path. */
  script(name: string, body: string): Promise<string>
  /** A program that answers `--version` as nats-server does. */
  nats(version: string, name?: string): Promise<string>
}

export async function fixture(): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-binaries-'))
  const script = async (name: string, body: string) => {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\n${body}\n`)
    await chmod(path, 0o755)
    return path
  }
  return {
    folder,
    script,
    nats: (version, name = 'nats-server') => script(name, `echo "nats-server: v${version}"`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}
