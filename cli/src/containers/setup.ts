// Makes what each container of the swarm is to find when it starts: keys, tokens, certificates. What is there stays: it runs at each
// `docker compose up`. With the argument `renew` the certificates are made anew.
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOperatorKey } from '@triage/approval'
import { Authority } from '@triage/bus/certificates'
import { createNkeys, serverConfig, type User } from '@triage/bus/server'
import { readConfig, type Settings, type Values } from '@triage/config'
import type { Mode } from '@triage/contracts'
import { createKeyFile } from '@triage/keyring'
import { createPrivateFile, readPrivateFile } from '@triage/keyring/private-file'
import type { Credential } from '@triage/runtime'
import { makeAuditKeys } from '../launcher/audit-keys.ts'
import { dataPaths } from '../launcher/folders.ts'
import { writeSwarmFile } from '../launcher/swarm-file.ts'
import { instances, runtimeAccess, swarmRoles } from '../launcher/swarm-processes.ts'
import { namedModels } from '../model-chain.ts'
import { job } from './job.ts'
import { handOver, openVolumes, type Volumes } from './volumes.ts'

const settings = {
  root: { env: 'TRIAGE_VOLUMES', kind: 'path', description: 'folder in which the volumes are mounted', default: '/volumes' },
  owner: { env: 'TRIAGE_OWNER', kind: 'integer', description: 'user and group that the containers run as', default: 1000 },
  hosts: { env: 'TRIAGE_BUS_HOSTS', kind: 'string', description: "names and addresses of the bus's certificate, with commas between" },
  busUrl: { env: 'TRIAGE_BUS_URL', kind: 'string', description: 'address of the bus for commands on the host: tls://host:port' },
  loadgenUrl: { env: 'TRIAGE_LOADGEN_URL', kind: 'string', description: 'where the host finds the load generator, if any', default: '' },
  mode: { env: 'TRIAGE_MODE', kind: 'string', description: 'observe, approve or auto; for who asks' },
  environment: { env: 'TRIAGE_ENVIRONMENT', kind: 'string', description: 'what the policies know the environment as; for who asks' }
} as const satisfies Settings

/** Nobody signs with the authority's key once this has ended, no thief of the volumes either: renewing is starting over. */
const validDays = 3650

/** Who shows which token to the Docker proxy. */
const access: Record<string, Credential> = { ...runtimeAccess, operator: 'reader', baseline: 'writer' }

await job(async () => {
  const config = readConfig(settings)
  const volumes = openVolumes(config.root)
  if (process.argv[2] === 'renew' || !existsSync(join(volumes.keys, 'ca.pem'))) await makeCertificates(volumes, config.hosts.split(','))
  makeBusUsers(volumes)
  makeTokens(volumes)
  await makeKeys(volumes)
  await describeSwarm(volumes, config)
  handOver(config.root, config.owner)
})

/** Written last, the authority's says that the others are complete. */
async function makeCertificates({ keys, own }: Volumes, hosts: string[]): Promise<void> {
  const authority = await Authority.create('triage bus', validDays)
  const { cert, key } = await authority.issue('nats', hosts)
  rmSync(join(own('nats'), 'server.key'), { force: true })
  createPrivateFile(join(own('nats'), 'server.key'), key)
  writeFileSync(join(own('nats'), 'server.pem'), cert)
  writeFileSync(join(keys, 'ca.pem'), authority.cert)
}

function makeBusUsers({ operator, own }: Volumes): void {
  const people = createNkeys(join(operator, 'nkeys'), ['operator', 'reporter', 'observer'])
  const processes = (['provisioner', ...swarmRoles] as User[]).map((user) => createNkeys(own(user), [user]))
  const config = serverConfig({
    listen: '0.0.0.0:4222',
    monitor: '127.0.0.1:8222',
    store: '/run/triage/streams',
    syncAlways: true,
    tls: { cert: '/run/triage/server.pem', key: '/run/triage/server.key' },
    keys: Object.assign(people, ...processes),
    instances
  })
  writeFileSync(join(own('nats'), 'nats.json'), JSON.stringify(config, null, 2), { mode: 0o600 })
}

function makeTokens({ own }: Volumes): void {
  for (const [holder, credential] of Object.entries(access)) {
    const path = join(own('docker-proxy'), `${credential}.token`)
    createPrivateFile(path, randomBytes(32).toString('base64url'))
    createPrivateFile(join(own(holder), 'runtime.token'), readPrivateFile(path))
  }
}

async function makeKeys({ keys, operator, own }: Volumes): Promise<void> {
  createKeyFile(dataPaths(keys).keys)
  createOperatorKey(join(operator, 'operator.key'), join(own('action-agent'), 'operator.pub'))
  await makeAuditKeys({
    logKey: join(own('auditor'), 'log.key'),
    witnessKey: join(own('monitor'), 'witness.key'),
    attestationKey: join(operator, 'attestation.key'),
    auditKeys: dataPaths(keys).auditKeys
  })
}

/** With the operator's volume mounted below that of the keys, one folder is all that commands need. */
async function describeSwarm({ keys }: Volumes, { busUrl, loadgenUrl, mode, environment }: Values<typeof settings>): Promise<void> {
  await writeSwarmFile(keys, {
    started_at: new Date().toISOString(),
    nats_url: busUrl,
    bus_ca: 'ca.pem',
    keys: 'keys.json',
    nkeys: 'operator/nkeys',
    operator_key: 'operator/operator.key',
    mode: mode as Mode,
    environment,
    models: namedModels(process.env),
    audit_keys: 'audit-keys.txt',
    attestation_key: 'operator/attestation.key',
    roles: swarmRoles,
    runtime: {},
    loadgen_url: loadgenUrl || null,
    storefront_url: null,
    logs: []
  })
}
