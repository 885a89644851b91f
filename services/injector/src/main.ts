import { randomUUID } from 'node:crypto'
import { type Actor, runActor } from '@triage/actor'
import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { errors, type InjectRequest, type InjectResponse, TriageError } from '@triage/contracts'
import type { ReceivedMessage } from '@triage/envelope'
import { Vault } from '@triage/keyring'
import { redactFields } from '@triage/redact'
import { Injector } from './injector.ts'
import { Journal } from './journal.ts'

const settings = {
  ...runtimeSettings,
  netadminImage: {
    env: 'TRIAGE_NETADMIN_IMAGE',
    kind: 'string',
    description: 'image that networks are changed with, on docker; the proxy must know it too',
    default: 'triage-netadmin:local'
  },
  journal: { env: 'TRIAGE_JOURNAL', kind: 'path', description: 'file that keeps how to take injected faults back' }
} as const

async function obey(injector: Injector, request: InjectRequest): Promise<void> {
  if (request.command === 'inject') await injector.inject(request)
  if (request.command === 'undo') await injector.undoAll()
}

async function answer(injector: Injector, request: InjectRequest): Promise<InjectResponse> {
  const error = await obey(injector, request).then(
    () => undefined,
    (thrown) => TriageError.from(thrown, 'E_FAULT_FAILED').report
  )
  const injections = injector.injections.map(({ undo: _, ...injection }) => injection)
  return { ok: !error, ...(error && { error }), injections }
}

function serve(actor: Actor, injector: Injector): { stop(): Promise<void> } {
  return actor.bus.listen('control.injector', (message, reply, respond) => {
    const say = (id: string, payload: InjectResponse, cause?: string): void => {
      const about = { type: 'control.inject-response.v1' as const, audience: 'operator', subject: reply }
      const { body, headers } = actor.outbox.sealer.seal({ ...about, id, payload, cause })
      respond(body, headers)
    }
    const refuse = ({ code }: TriageError): void => {
      if (reply) say(`refused:${randomUUID()}`, { ok: false, error: { code, message: errors[code].title }, injections: [] })
    }
    const request = actor.inbox.signal(message, refuse) as ReceivedMessage<'control.inject-request.v1'> | null
    if (!request) return
    const { id } = request.envelope
    void answer(injector, request.payload).then((payload) => say(`${id}:answer`, redactFields(payload), id))
  })
}

await runActor('injector', settings, async (actor, config) => {
  const runtime = await openRuntime(config)
  const journal = new Journal(config.journal, new Vault(actor.keys, 'injections'))
  const injector = new Injector(runtime, journal, actor.log, config.netadminImage)
  await injector.undoAll()
  const serving = serve(actor, injector)
  return {
    stop: async () => {
      await serving.stop()
      await injector.undoAll().catch((error) => actor.log.error({ err: error }, 'could not undo; it is tried again at the next start'))
    }
  }
})
