import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Role } from '@triage/contracts'
import type { SupervisedProcess, Tokens } from '@triage/runtime'
import { compileCache } from './compile-cache.ts'
import { dataPaths } from './folders.ts'

/** The roles of the swarm, in the order in which they are started: who is needed first comes first. */
export const swarmRoles = [
  'auditor',
  'scheduler',
  'gateway',
  'planner',
  'monitor',
  'metric-agent',
  'log-agent',
  'action-agent',
  'injector'
] as const satisfies Role[]

const root = join(import.meta.dirname, '../../..')

/**
 * A swarm process waits most of its life and there are nine of them: a small young generation, and no code compiled by the two
 * middle compilers, which the optimising one replaces.
 */
export const nodeFlags = ['--max-semi-space-size=1', '--max-old-space-size=192', '--no-sparkplug', '--no-maglev']

export interface SwarmSettings {
  data: string
  natsUrl: string
  runtime: { url: string; tokens: Tokens }
}

export const serviceProgram = (role: Role): string => join(root, 'services', role, 'src/main.ts')

/** What a role may do to the runtime. */
const runtimeAccess: Partial<Record<Role, keyof Tokens>> = {
  monitor: 'reader',
  'metric-agent': 'reader',
  'log-agent': 'reader',
  'action-agent': 'writer',
  injector: 'injector'
}

/** What this process was told by variables whose names start so. */
const settingsNamed = (prefix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[0].startsWith(prefix)))

function environment(role: Role, { data, natsUrl, runtime }: SwarmSettings): Record<string, string> {
  const access = runtimeAccess[role]
  const paths = dataPaths(data)
  return {
    NATS_URL: natsUrl,
    TRIAGE_KEYS: paths.keys,
    NODE_COMPILE_CACHE: compileCache,
    // glibc keeps an arena for each thread and rarely gives memory back; a tenth of the resident size.
    MALLOC_ARENA_MAX: '1',
    MALLOC_TRIM_THRESHOLD_: '65536',
    ...(process.env.LOG_LEVEL && { LOG_LEVEL: process.env.LOG_LEVEL }),
    ...(access && { TRIAGE_RUNTIME_URL: runtime.url, TRIAGE_RUNTIME_TOKEN: runtime.tokens[access] }),
    ...(role === 'action-agent' && { TRIAGE_UNDO: paths.undo }),
    // The webhook for Alertmanager is off unless whoever starts the swarm says otherwise.
    ...(role === 'gateway' && settingsNamed('TRIAGE_WEBHOOK_')),
    ...(role === 'injector' && { TRIAGE_JOURNAL: paths.journal })
  }
}

export function swarmProcesses(settings: SwarmSettings): SupervisedProcess[] {
  return swarmRoles.map((role) => ({
    name: role,
    command: [process.execPath, ...nodeFlags, serviceProgram(role)],
    cwd: settings.data,
    env: environment(role, settings),
    log_file: join(dataPaths(settings.data).logs, `${role}.log`)
  }))
}

/** The swarm's own nats-server. */
export async function natsProcess(program: string, data: string, port: number): Promise<SupervisedProcess> {
  const config = {
    server_name: 'triage',
    listen: `127.0.0.1:${port}`,
    // A report of more than 256 KiB is refused by the gateway, with its code and on record; this is only the wall behind it.
    max_payload: 1024 ** 2,
    jetstream: { store_dir: dataPaths(data).nats, max_memory_store: 16 * 1024 ** 2, max_file_store: 8 * 1024 ** 3 }
  }
  const file = join(data, 'nats.json')
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 })
  return { name: 'nats', command: [program, '-c', file], cwd: data, env: {}, log_file: join(dataPaths(data).logs, 'nats.log') }
}
