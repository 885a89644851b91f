// The runtime that a process is told of. It stands apart from the actor's entry: half of the processes never look at one.
import type { Settings, Values } from '@triage/config'
import { TriageError } from '@triage/contracts'
import { readPrivateFile } from '@triage/keyring/private-file'
import { processRuntime, type RuntimeInjector } from '@triage/runtime'

/** What those are told besides who look at the runtime or change it. */
export const runtimeSettings = {
  runtime: { env: 'TRIAGE_RUNTIME', kind: 'string', description: 'what runs the services: process or docker', default: 'process' },
  runtimeUrl: {
    env: 'TRIAGE_RUNTIME_URL',
    kind: 'string',
    description: 'address of the process runtime, or of the filtering proxy in front of Docker: http://host:port'
  },
  runtimeToken: {
    env: 'TRIAGE_RUNTIME_TOKEN',
    kind: 'string',
    description: 'what this process may do there: reader, writer or injector token',
    default: ''
  },
  runtimeTokenFile: {
    env: 'TRIAGE_RUNTIME_TOKEN_FILE',
    kind: 'path',
    description: 'file that holds that token, for its owner alone, when TRIAGE_RUNTIME_TOKEN does not',
    default: ''
  },
  project: { env: 'TRIAGE_PROJECT', kind: 'string', description: 'compose project that is watched, on docker', default: '' },
  baseline: {
    env: 'TRIAGE_BASELINE',
    kind: 'path',
    description: 'folder of the last known good state, on docker; none unless told',
    default: ''
  },
  vantage: {
    env: 'TRIAGE_VANTAGE',
    kind: 'string',
    description: "where probes are made from, on docker: host, or network for a process that is on the project's networks",
    default: 'host'
  }
} as const satisfies Settings

const invalid = (why: string): TriageError => new TriageError('E_CONFIG', why)

/**
 * The runtime that a process was told of. What its token does not allow throws E_RUNTIME_FORBIDDEN.
 * Throws E_CONFIG, and E_KEYS_MODE when others may read the token's file.
 */
export async function openRuntime(config: Values<typeof runtimeSettings>): Promise<RuntimeInjector> {
  const { runtime, runtimeUrl: url, project, baseline, vantage } = config
  const token = config.runtimeToken || (config.runtimeTokenFile && readPrivateFile(config.runtimeTokenFile).trim())
  if (!token) throw invalid('TRIAGE_RUNTIME_TOKEN is not set, and no TRIAGE_RUNTIME_TOKEN_FILE')
  if (runtime === 'process') return processRuntime({ url, token })
  if (runtime !== 'docker') throw invalid(`TRIAGE_RUNTIME must be process or docker, not "${runtime}"`)
  if (!project) throw invalid('TRIAGE_PROJECT is not set: name of the compose project that is watched')
  if (vantage !== 'host' && vantage !== 'network') throw invalid(`TRIAGE_VANTAGE must be host or network, not "${vantage}"`)
  // Docker's client costs a process five megabytes: only who uses it loads it.
  const { dockerRuntime } = await import('@triage/runtime/docker')
  return dockerRuntime({ url, token, project, vantage, ...(baseline && { baseline }) })
}
