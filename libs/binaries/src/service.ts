// Keeps a Debian package from leaving a service behind: not now, and not at the next boot.
// Its scripts ask /usr/sbin/policy-rc.d, which is the administrator's; so the service manager itself is told.
import { access } from 'node:fs/promises'
import { type Env, run } from './run.ts'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false
  )

/**
 * Installs the package `name`; the service of that name does not run and is not enabled because of it.
 * A service that was known before is left as it is. `root`: what a command line starts with to be root.
 */
export async function withoutService(name: string, root: readonly string[], env: Env, install: () => Promise<unknown>): Promise<void> {
  const command = async (...args: string[]) => {
    const [file, ...rest] = [...root, ...args]
    await run(file!, rest, { env })
  }
  if (await exists('/run/systemd/system')) await underSystemd(name, command, install)
  else await underSysV(name, command, install)
}

type RunAsRoot = (...args: string[]) => Promise<void>

async function underSystemd(name: string, command: RunAsRoot, install: () => Promise<unknown>): Promise<void> {
  const unit = `${name}.service`
  const known = await command('systemctl', 'cat', unit).then(
    () => true,
    () => false
  )
  if (!known) await command('systemctl', 'mask', '--runtime', unit)
  try {
    await install()
  } finally {
    if (!known) await command('systemctl', 'unmask', '--runtime', unit)
  }
  if (!known) await command('systemctl', 'disable', unit)
}

async function underSysV(name: string, command: RunAsRoot, install: () => Promise<unknown>): Promise<void> {
  const script = `/etc/init.d/${name}`
  const known = await exists(script)
  await install()
  if (known || !(await exists(script))) return
  await command(script, 'stop')
  await command('update-rc.d', name, 'disable')
}
