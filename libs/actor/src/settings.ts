import type { Settings } from '@triage/config'
import { limits } from '@triage/contracts'

/** What every process of the swarm is told. */
export const commonSettings = {
  natsUrl: {
    env: 'NATS_URL',
    kind: 'string',
    description: 'address of the message bus: nats://host:port on this machine, tls://host:port on another',
    default: 'nats://127.0.0.1:4222'
  },
  nkey: { env: 'TRIAGE_NKEY', kind: 'path', description: "file that holds the nkey seed of this process's user on the bus" },
  busCa: { env: 'TRIAGE_BUS_CA', kind: 'path', description: "certificate of the bus's authority, when it is no public one", default: '' },
  busCert: { env: 'TRIAGE_BUS_CERT', kind: 'path', description: 'certificate of this process, when the bus asks for one', default: '' },
  busKey: { env: 'TRIAGE_BUS_KEY', kind: 'path', description: "key of this process's certificate", default: '' },
  keys: { env: 'TRIAGE_KEYS', kind: 'path', description: 'the key file that all processes of the swarm share' },
  instance: { env: 'TRIAGE_INSTANCE', kind: 'string', description: 'tells the processes of one role apart', default: '1' },
  logLevel: { env: 'LOG_LEVEL', kind: 'string', description: 'debug, info, warn or error', default: 'info' },
  healthPort: {
    env: 'TRIAGE_HEALTH_PORT',
    kind: 'port',
    description: 'port of GET /healthz and GET /metrics on 127.0.0.1; 0: none',
    default: 0
  }
} as const satisfies Settings

/** What those are told besides who ask humans and wait for them. */
export const questionSettings = {
  questionMs: {
    env: 'TRIAGE_QUESTION_MS',
    kind: 'integer',
    description: 'how long a human has to answer a question, in milliseconds; 0: nobody is asked',
    default: limits.question_ms
  }
} as const satisfies Settings

/** What those are told besides who sign the audit log or check it. */
export const auditSettings = {
  auditKeys: { env: 'TRIAGE_AUDIT_KEYS', kind: 'path', description: 'file with the verifier keys of the audit log and of its witness' }
} as const satisfies Settings
