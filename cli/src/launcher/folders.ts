import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a swarm keeps what outlives it: messages, keys, logs. */
export const dataPaths = (data: string) => ({
  nats: join(data, 'nats'),
  keys: join(data, 'keys.json'),
  nkeys: join(data, 'nkeys'),
  operatorKey: join(data, 'operator.key'),
  operatorKeys: join(data, 'operator.pub'),
  logs: join(data, 'logs'),
  undo: join(data, 'undo'),
  /** The last known good state of a compose project. */
  baselineOf: (project: string) => join(data, 'baselines', project),
  /** What is remembered of local model servers. */
  engines: join(data, 'engines'),
  journal: join(data, 'injections'),
  logKey: join(data, 'log.key'),
  witnessKey: join(data, 'witness.key'),
  attestationKey: join(data, 'attestation.key'),
  /** What the witness of the audit log remembers. */
  witness: join(data, 'witness'),
  /** Verifier keys of the log, its witness and the operator. */
  auditKeys: join(data, 'audit-keys.txt')
})

export async function makeDataFolder(data: string): Promise<void> {
  for (const folder of [data, join(data, 'nats'), join(data, 'logs'), join(data, 'undo')])
    await mkdir(folder, { recursive: true, mode: 0o700 })
}
