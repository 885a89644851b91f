// Builds nats-server from source, where Go is installed. Go checks the source against its checksum database.
import { join } from 'node:path'
import { onPath } from './path.ts'
import { type Env, run } from './run.ts'

export const goModule = 'github.com/nats-io/nats-server/v2@v2.15.2'

/** Builds it into the folder; returns the path of the program. Throws an Error that says why not. */
export async function goInstall(folder: string, env: Env, signal: AbortSignal): Promise<string> {
  const go = await onPath('go', env)
  const options = { env: { ...env, GOBIN: folder, TMPDIR: folder, GOWORK: 'off' }, cwd: folder, signal }
  // A short question first: go by itself waits long for a host that does not answer.
  await run(go, ['list', '-m', goModule], { ...options, limit_ms: 5000 })
  await run(go, ['install', goModule], options)
  return join(folder, 'nats-server')
}
