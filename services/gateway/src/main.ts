import { readFileSync } from 'node:fs'
import { type Actor, runActor } from '@triage/actor'
import { TriageError } from '@triage/contracts'
import { AlertIntake } from './alert-intake.ts'
import { Gateway } from './gateway.ts'
import { serveWebhook, type Webhook } from './webhook.ts'

const settings = {
  host: { env: 'TRIAGE_WEBHOOK_HOST', kind: 'string', description: 'address of POST /webhook/alerts', default: '127.0.0.1' },
  port: { env: 'TRIAGE_WEBHOOK_PORT', kind: 'port', description: 'port of POST /webhook/alerts; 0: none', default: 0 },
  tokenFile: {
    env: 'TRIAGE_WEBHOOK_TOKEN_FILE',
    kind: 'path',
    description: 'file that holds the token which Alertmanager shows at the webhook',
    default: ''
  }
} as const

function readToken(file: string): string {
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (token.length >= 16) return token
  } catch (error) {
    throw new TriageError('E_CONFIG', `TRIAGE_WEBHOOK_TOKEN_FILE cannot be read: ${(error as Error).message}`, { cause: error })
  }
  throw new TriageError('E_CONFIG', 'TRIAGE_WEBHOOK_TOKEN_FILE must hold a token of at least 16 characters')
}

async function openWebhook({ bus, log }: Actor, host: string, port: number, tokenFile: string): Promise<Webhook> {
  const intake = new AlertIntake(bus)
  return serveWebhook({ host, port, token: readToken(tokenFile), keep: (alerts) => intake.add(alerts), log })
}

await runActor('gateway', settings, async (actor, { host, port, tokenFile }) => {
  const gateway = await new Gateway(actor).start()
  const webhook = port === 0 ? null : await openWebhook(actor, host, port, tokenFile)
  return {
    stop: async () => {
      await webhook?.stop()
      await gateway.stop()
    }
  }
})
