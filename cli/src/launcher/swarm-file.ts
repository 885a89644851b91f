// What a running swarm says of itself to commands: a file in its data folder, for its owner alone.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Mode, type Role, TriageError } from '@triage/contracts'

/** Paths are relative to the data folder, or absolute. As read they are absolute. */
export interface SwarmFile {
  /** Process id of the launcher; absent when there is none, as of a swarm in containers. */
  pid?: number
  /** Folder of what lives as long as the run; absent when there is no launcher. */
  run?: string
  started_at: string
  nats_url: string
  /** Path of the certificate of the bus's authority; absent when the bus is on this machine and does not encrypt. */
  bus_ca?: string
  /** Path of the key file. */
  keys: string
  /** Folder of the users' nkey seeds. */
  nkeys: string
  /** Path of the operator's private key. */
  operator_key: string
  mode: Mode
  environment: string
  /** That the planner asks, in this order; the rulebook stands behind them. */
  models: readonly string[]
  /** Path of the file with the verifier keys of the audit log. */
  audit_keys: string
  /** Path of the key that attestations are signed with. */
  attestation_key: string
  /** Processes that it consists of. */
  roles: readonly Role[]
  /** Variables that tell which runtime is watched; with its token one may look, not touch. None where it cannot be reached from. */
  runtime: Record<string, string>
  /** Where the load generator says how the users fare; null when there is none. */
  loadgen_url: string | null
  /** Where the shop's front door is; null when there is none. */
  storefront_url: string | null
  logs: string[]
}

const pathOf = (data: string): string => join(data, 'swarm.json')

export async function writeSwarmFile(data: string, content: SwarmFile): Promise<void> {
  await writeFile(`${pathOf(data)}.new`, JSON.stringify(content, null, 2), { mode: 0o600 })
  await rename(`${pathOf(data)}.new`, pathOf(data))
}

export const removeSwarmFile = (data: string): Promise<void> => rm(pathOf(data), { force: true })

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const paths = ['bus_ca', 'keys', 'nkeys', 'operator_key', 'audit_keys', 'attestation_key'] as const satisfies (keyof SwarmFile)[]

/** The run folder that a killed launcher left behind, if one did. */
export async function staleRun(data: string): Promise<string | null> {
  const text = await readFile(pathOf(data), 'utf8').catch(() => null)
  if (!text) return null
  const { run } = JSON.parse(text) as SwarmFile
  return run && basename(run).startsWith('triage-') ? run : null
}

/** Throws E_NOT_UP when no swarm runs on the folder. */
export async function readSwarmFile(data: string): Promise<SwarmFile> {
  const text = await readFile(pathOf(data), 'utf8').catch(() => null)
  if (!text) throw new TriageError('E_NOT_UP', `no swarm runs on ${data}`)
  const content = { ...(JSON.parse(text) as SwarmFile), ...fromHere() }
  const { pid } = content
  if (pid !== undefined && !isAlive(pid))
    throw new TriageError('E_NOT_UP', `the swarm on ${data} is gone: its launcher, process ${pid}, has ended`)
  const absolute = paths.flatMap((key) => (content[key] === undefined ? [] : [[key, resolve(data, content[key])]]))
  return { ...content, ...Object.fromEntries(absolute) }
}

/** Who reaches the swarm in another way than the file says, as from a container beside it, is told so by its environment. */
function fromHere({ TRIAGE_BUS_URL, TRIAGE_LOADGEN_URL }: NodeJS.ProcessEnv = process.env): Partial<SwarmFile> {
  return { ...(TRIAGE_BUS_URL && { nats_url: TRIAGE_BUS_URL }), ...(TRIAGE_LOADGEN_URL && { loadgen_url: TRIAGE_LOADGEN_URL }) }
}
