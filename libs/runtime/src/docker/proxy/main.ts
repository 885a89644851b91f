// The program: a filtering proxy for one compose project, until it is told to end.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig, type Settings } from '@triage/config'
import { explain, TriageError } from '@triage/contracts'
import { readPrivateFile } from '@triage/keyring/private-file'
import { type Credential, credentials } from '../../op-log.ts'
import { randomTokens, type Tokens } from '../../token.ts'
import { serveDockerProxy } from './proxy.ts'

const nobody = { kind: 'string', default: '' } as const
const settings = {
  project: { env: 'TRIAGE_PROJECT', kind: 'string', description: 'name of the compose project that may be reached' },
  socket: { env: 'TRIAGE_DOCKER_SOCKET', kind: 'path', description: 'socket of the Docker Engine', default: '/var/run/docker.sock' },
  host: { env: 'TRIAGE_PROXY_HOST', kind: 'string', description: 'address to listen at', default: '127.0.0.1' },
  port: { env: 'TRIAGE_PROXY_PORT', kind: 'port', description: 'port to listen at', default: 2375 },
  ops: { env: 'TRIAGE_PROXY_OPS', kind: 'path', description: 'file that effects are recorded in; none unless told', default: '' },
  netadminImage: {
    env: 'TRIAGE_PROXY_NETADMIN_IMAGE',
    kind: 'string',
    description: 'image that the injector may change the network of a container with; none unless told',
    default: ''
  },
  reader: { env: 'TRIAGE_READER_TOKEN', description: 'token of who may observe; nobody unless told', ...nobody },
  writer: { env: 'TRIAGE_WRITER_TOKEN', description: 'token of who may repair; nobody unless told', ...nobody },
  injector: { env: 'TRIAGE_INJECTOR_TOKEN', description: 'token of who may break things; nobody unless told', ...nobody },
  folder: {
    env: 'TRIAGE_PROXY_TOKENS',
    kind: 'path',
    description: 'folder with reader.token, writer.token and injector.token, each for its owner alone, for those that are not told above',
    default: ''
  }
} as const satisfies Settings

/** A token that is not told is one that nobody knows. Throws E_KEYS_MODE. */
function tokensOf(told: Tokens, folder: string): Tokens {
  const tokens = randomTokens()
  for (const name of credentials) tokens[name] = told[name] || tokenIn(folder, name) || tokens[name]
  return tokens
}

function tokenIn(folder: string, name: Credential): string {
  const path = join(folder, `${name}.token`)
  return folder && existsSync(path) ? readPrivateFile(path).trim() : ''
}

try {
  const { reader, writer, injector, folder, ops, ...rest } = readConfig(settings)
  const tokens = tokensOf({ reader, writer, injector }, folder)
  const proxy = await serveDockerProxy({ ...rest, tokens, ...(ops && { ops }) })
  console.log(
    JSON.stringify({ ts: new Date().toISOString(), level: 'info', service: 'docker-proxy', msg: 'listening', meta: { url: proxy.url } })
  )
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void proxy.close().then(() => process.exit(0)))
} catch (error) {
  console.error(explain(TriageError.from(error)))
  process.exitCode = 1
}
