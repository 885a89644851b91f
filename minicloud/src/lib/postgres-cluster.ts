import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findPostgres } from '@triage/binaries'
import { TriageError } from '@triage/contracts'

const execute = promisify(execFile)

interface Account {
  uid: number
  gid: number
  name: string
}

export interface PostgresCluster {
  /** Path of the server program. */
  postgres: string
  /** PGDATA. */
  folder: string
  /** Whom the server must run as: Postgres refuses to be root. Null: whoever starts it. */
  account: Account | null
}

/**
 * Creates an empty cluster in `<data>/postgres` that lets `user` in with `password`, over TCP from this machine only.
 * Throws TriageError E_NO_POSTGRES when the programs are missing or cannot be used from here.
 */
export async function createCluster(data: string, user: string, password: string): Promise<PostgresCluster> {
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : null
  if (account) await openTo(account, data)
  const programs = await programsFor(account, data)
  const folder = join(data, 'postgres')
  const passwordFile = join(data, 'postgres-password')
  await mkdir(folder, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account) for (const path of [folder, passwordFile]) await chown(path, account.uid, account.gid)
  try {
    const rights = ['--auth=scram-sha-256', `--username=${user}`, `--pwfile=${passwordFile}`]
    // A run's data need not outlive a power cut, and one fixed locale spares the search for the machine's.
    const format = ['--no-sync', '--no-instructions', '--encoding=UTF8', '--locale=C']
    const identity = account && { uid: account.uid, gid: account.gid }
    await execute(join(programs, 'initdb'), ['-D', folder, ...rights, ...format], { ...identity, cwd: data, env: { TZ: 'UTC' } })
  } catch (error) {
    throw new TriageError('E_NO_POSTGRES', `initdb failed: ${(error as { stderr?: string }).stderr || error}`, { cause: error })
  } finally {
    await rm(passwordFile)
  }
  return { postgres: join(programs, 'postgres'), folder, account }
}

/** An account of the system that is not root; none is created. */
async function unprivilegedAccount(): Promise<Account> {
  for (const name of ['postgres', 'nobody']) {
    const id = async (flag: string) => Number((await execute('id', [flag, name])).stdout)
    const account = await Promise.all([id('-u'), id('-g')]).catch(() => null)
    if (account) return { uid: account[0], gid: account[1], name }
  }
  throw new TriageError('E_NO_POSTGRES', 'Postgres refuses to run as root, and there is neither a user postgres nor a user nobody.')
}

/** Lets every user pass through the run's own folder; those above it are not ours to change. */
async function openTo(account: Account, data: string): Promise<void> {
  await chmod(data, 0o711)
  const closed = await closedFolder(data)
  if (!closed) return
  throw new TriageError('E_NO_POSTGRES', `Postgres runs as ${account.name}, who may not enter ${closed}: use a data folder elsewhere.`)
}

/** The first folder, going up from this one, that not every user may pass through; null when there is none. */
async function closedFolder(folder: string): Promise<string | null> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return folder
  return dirname(folder) === folder ? null : closedFolder(dirname(folder))
}

/** The folder of initdb and postgres; a copy below `data` where the account may not enter the installed one. */
async function programsFor(account: Account | null, data: string): Promise<string> {
  const folder = dirname((await findPostgres()).initdb)
  if (!account || !(await closedFolder(folder))) return folder
  const copy = join(data, 'postgres-programs')
  await cp(dirname(folder), copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, basename(folder))
}
