import { chmod, mkdtemp, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TriageError } from '@triage/contracts'

/** Whether every user may pass through the folder and all above it. */
async function passable(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  return folder === dirname(folder) || passable(dirname(folder))
}

/**
 * A new folder for what lives as long as one run. Postgres refuses to be root and runs as another user, who must be able to
 * pass through: as root the first of the usual temporary folders that lets everybody through is taken.
 */
export async function newRunFolder(): Promise<string> {
  if (process.getuid?.() !== 0) return mkdtemp(join(tmpdir(), 'triage-'))
  for (const candidate of [tmpdir(), '/tmp', '/var/tmp']) {
    if (!(await passable(candidate).catch(() => false))) continue
    const folder = await mkdtemp(join(candidate, 'triage-'))
    await chmod(folder, 0o711)
    return folder
  }
  throw new TriageError(
    'E_NO_POSTGRES',
    `there is no temporary folder that every user may pass through: tried ${tmpdir()}, /tmp and /var/tmp`
  )
}
