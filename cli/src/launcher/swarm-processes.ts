import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNkeys, type Instances, seedPath, serverConfig } from '@triage/bus/server'
import type { Mode, Role } from '@triage/contracts'
import type { Credential, ProcessServer, SupervisedProcess } from '@triage/runtime'
import { compileCache } from './compile-cache.ts'
import { dataPaths } from './folders.ts'

/** Who decides what may be done. */
export interface Rules {
  mode: Mode
  /** What the policies know the environment as. */
  environment: string
  /** Folder of the policies. */
  policies: string
}

/** For the shop, which is there to be broken. */
export const practiceRules: Rules = { mode: 'auto', environment: 'practice', policies: join(import.meta.dirname, '../../../policies') }

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

/** One process for each role. */
export const instances: Instances = Object.fromEntries(swarmRoles.map((role) => [role, ['1']]))

const root = join(import.meta.dirname, '../../..')

/**
 * A swarm process waits most of its life and there are nine of them: a small young generation, and no code compiled by the two
 * middle compilers, which the optimising one replaces.
 */
export const nodeFlags = ['--max-semi-space-size=1', '--max-old-space-size=192', '--no-sparkplug', '--no-maglev']

/**
 * The policy engine is a WebAssembly module of four megabytes of which a decision needs little: compiled function by function, when
 * first called, and never optimised, it takes a third of the memory and no decision waits for a compiler.
 */
const policyFlags = ['--liftoff-only', '--wasm-lazy-compilation']

/** The variables that tell a process which runtime it looks at, and what it may do there. */
export type RuntimeAccess = (credential: Credential) => Record<string, string>

export const onProcesses =
  ({ url, tokens }: Pick<ProcessServer, 'url' | 'tokens'>): RuntimeAccess =>
  (credential) => ({ TRIAGE_RUNTIME: 'process', TRIAGE_RUNTIME_URL: url, TRIAGE_RUNTIME_TOKEN: tokens[credential] })

interface SwarmSettings {
  roles: readonly Role[]
  data: string
  natsUrl: string
  /** What opens the key file. The passphrase itself stays with the launcher, which stretches it once for all. */
  unlocked: string
  rules: Rules
  runtime: RuntimeAccess
}

export const serviceProgram = (role: Role): string => join(root, 'services', role, 'src/main.ts')

export const flagsOf = (role: Role): string[] => (role === 'action-agent' ? [...nodeFlags, ...policyFlags] : nodeFlags)

/** What a role may do to the runtime. */
export const runtimeAccess: Partial<Record<Role, Credential>> = {
  monitor: 'reader',
  'metric-agent': 'reader',
  'log-agent': 'reader',
  'action-agent': 'writer',
  injector: 'injector'
}

/** What this process was told by variables that are named so. */
const settingsNamed = (name: RegExp): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => name.test(entry[0])))

/** Which models are asked, where they are, how they are reached, with which key. */
const modelSettings = /^(TRIAGE_(MODEL_|PLAN_|RUNBOOKS$)|OLLAMA_|OPENAI_|(https?|no)_proxy$|(HTTPS?|NO)_PROXY$|NODE_EXTRA_CA_CERTS$)/

function environment(role: Role, { data, natsUrl, unlocked, rules, runtime }: SwarmSettings): Record<string, string> {
  const access = runtimeAccess[role]
  const paths = dataPaths(data)
  return {
    NATS_URL: natsUrl,
    TRIAGE_KEYS: paths.keys,
    TRIAGE_NKEY: seedPath(paths.nkeys, role),
    TRIAGE_KEYS_UNLOCKED: unlocked,
    NODE_COMPILE_CACHE: compileCache,
    // glibc keeps an arena for each thread and rarely gives memory back; a tenth of the resident size.
    MALLOC_ARENA_MAX: '1',
    MALLOC_TRIM_THRESHOLD_: '65536',
    ...(process.env.LOG_LEVEL && { LOG_LEVEL: process.env.LOG_LEVEL }),
    ...(access && runtime(access)),
    ...((role === 'auditor' || role === 'monitor') && { TRIAGE_AUDIT_KEYS: paths.auditKeys }),
    ...(role === 'auditor' && { TRIAGE_LOG_KEY: paths.logKey }),
    ...(role === 'monitor' && { TRIAGE_WITNESS_KEY: paths.witnessKey, TRIAGE_WITNESS: paths.witness }),
    ...(role === 'action-agent' && {
      TRIAGE_UNDO: paths.undo,
      TRIAGE_OPERATOR_KEYS: paths.operatorKeys,
      TRIAGE_POLICIES: rules.policies,
      TRIAGE_MODE: rules.mode,
      TRIAGE_ENVIRONMENT: rules.environment
    }),
    // The webhook for Alertmanager is off, and no Prometheus or model is asked, unless whoever starts the swarm says otherwise.
    ...(role === 'gateway' && settingsNamed(/^TRIAGE_WEBHOOK_/)),
    ...(role === 'metric-agent' && settingsNamed(/^TRIAGE_PROMETHEUS_/)),
    ...(role === 'planner' && settingsNamed(modelSettings)),
    ...((role === 'planner' || role === 'scheduler') && settingsNamed(/^TRIAGE_QUESTION_MS$/)),
    ...(role === 'injector' && { TRIAGE_JOURNAL: paths.journal })
  }
}

export function swarmProcesses(settings: SwarmSettings): SupervisedProcess[] {
  return settings.roles.map((role) => ({
    name: role,
    command: [process.execPath, ...flagsOf(role), serviceProgram(role)],
    cwd: settings.data,
    env: environment(role, settings),
    log_file: join(dataPaths(settings.data).logs, `${role}.log`)
  }))
}

/** The swarm's own nats-server, with a user for each role. */
export async function natsProcess(program: string, data: string, port: number): Promise<SupervisedProcess> {
  const paths = dataPaths(data)
  const config = serverConfig({ listen: `127.0.0.1:${port}`, store: paths.nats, keys: createNkeys(paths.nkeys), instances })
  const file = join(data, 'nats.json')
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 })
  return { name: 'nats', command: [program, '-c', file], cwd: data, env: {}, log_file: join(paths.logs, 'nats.log') }
}
