// Installs a server with the system's package manager: apt-get (as root, or through sudo without a password), or Homebrew.
import { onPath, serverFolders } from './path.ts'
import type { Program } from './program.ts'
import { type Env, run } from './run.ts'
import type { Source } from './search.ts'
import { withoutService } from './service.ts'

export function packageManager(program: Program, env: Env): Source {
  const [name, install] = process.platform === 'darwin' ? (['brew', brewInstall] as const) : (['apt-get', aptInstall] as const)
  return {
    name,
    announce: `installing the package ${program.name} with ${name}`,
    limit_ms: 60_000,
    find: async (signal) => {
      await install(program.name, env, signal)
      return onPath(program.name, env, serverFolders)
    }
  }
}

async function brewInstall(name: string, env: Env, signal: AbortSignal): Promise<void> {
  const brew = await onPath('brew', env, serverFolders)
  await run(brew, ['install', '--quiet', name], { env: { ...env, HOMEBREW_NO_AUTO_UPDATE: '1' }, signal })
}

/** RUNLEVEL and PREVLEVEL keep the scripts of SysV from starting the service; systemd is told by withoutService. */
const settings = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'PREVLEVEL=1']
const bounds = ['Acquire::http::Timeout=5', 'Acquire::https::Timeout=5', 'Acquire::Retries=0', 'DPkg::Lock::Timeout=5']
const options = ['-qq', ...bounds.flatMap((bound) => ['-o', bound])]

async function aptInstall(name: string, env: Env, signal: AbortSignal): Promise<void> {
  const apt = await onPath('apt-get', env)
  const root = await asRoot(env, signal)
  const aptGet = async (args: string[], bound?: AbortSignal) => {
    const [file, ...rest] = [...root, 'env', ...settings, apt, ...options, ...args]
    await run(file!, rest, { env, signal: bound })
  }
  const install = ['install', '-y', '--no-install-recommends', '--no-upgrade', name]
  const download = () => aptGet([...install, '--download-only'], signal)
  await download().catch(async () => {
    await aptGet(['update'], signal)
    await download()
  })
  // Only the download ends with the signal: a dpkg that is killed leaves the system half installed.
  await withoutService(name, root, env, () => aptGet([...install, '--no-download']))
}

/** What a command line starts with to be root. Throws an Error where that needs a password. */
async function asRoot(env: Env, signal: AbortSignal): Promise<string[]> {
  if (process.getuid?.() === 0) return []
  try {
    const sudo = await onPath('sudo', env)
    await run(sudo, ['-n', 'true'], { env, signal, limit_ms: 5000 })
    return [sudo, '-n']
  } catch (error) {
    throw new Error(`needs root: ${(error as Error).message}`, { cause: error })
  }
}
