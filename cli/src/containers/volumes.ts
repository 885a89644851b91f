// The volumes of the swarm's containers, as the one container sees them that mounts them all.
import { chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { swarmRoles } from '../launcher/swarm-processes.ts'

export interface Volumes {
  /** For all: key file and passphrase, the bus's authority, what verifies the audit log, how commands reach the swarm. */
  keys: string
  /** For who looks: hashes of the last known good state; `configurations` is mounted below it for who repairs. */
  fingerprints: string
  /** For people: seeds of the operator, the reporter and the observer, the operator's signing keys. */
  operator: string
  /** For each other container: what it alone may hold. */
  own(name: string): string
}

/** Where other volumes are mounted, those of the operator and of who repairs, they have a folder. @param root that all are mounted in */
export function openVolumes(root: string): Volumes {
  const own = (name: string): string => join(root, name)
  const volumes = { keys: own('keys'), fingerprints: own('fingerprints'), operator: own('operator'), own }
  const others = ['nats', 'provisioner', 'docker-proxy', 'baseline', ...swarmRoles].map(own)
  for (const folder of [join(volumes.keys, 'operator'), join(volumes.fingerprints, 'private'), volumes.operator, ...others])
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  return volumes
}

/** Gives each volume to the user that its container runs as. @param owner of all but the proxy's */
export function handOver(root: string, owner: number): void {
  for (const name of readdirSync(root)) {
    // The proxy runs as root, who owns the engine's socket, without the right to read what others own.
    const id = name === 'docker-proxy' ? 0 : owner
    const entries = readdirSync(join(root, name), { withFileTypes: true, recursive: true })
    for (const path of [join(root, name), ...entries.map((entry) => join(entry.parentPath, entry.name))]) chownSync(path, id, id)
  }
}
