import { type Bus, connectNats } from '@triage/bus'
import { readConfig, type Settings, type Values } from '@triage/config'
import { type ErrorCode, limits, type Role, TriageError } from '@triage/contracts'
import { Sealer } from '@triage/envelope'
import { type Keyring, openKeyring } from '@triage/keyring'
import { createLog, type Logger } from '@triage/log'
import { metricsText, serveHealth } from './health.ts'
import { Inbox } from './inbox.ts'
import { IncidentLog } from './incident-log.ts'
import { Outbox } from './outbox.ts'
import { Refusals } from './refusals.ts'
import { commonSettings } from './settings.ts'
import { Taken } from './taken.ts'

/** What a process of the swarm works with. */
export interface Actor {
  role: Role
  instance: string
  log: Logger
  bus: Bus
  keys: Keyring
  inbox: Inbox
  outbox: Outbox
  incidents: IncidentLog
}

/** What a process does once it runs. */
export interface Running {
  /** Units of work under way. */
  inFlight?(): number
  /** Codes of what a human must look at. */
  alarms?(): ErrorCode[]
  /** Takes no more work and resolves when the work under way is done. */
  stop(): Promise<void>
}

/**
 * Runs a role until SIGTERM or SIGINT. `settings` are what this role is told beside what all are told. `start` resolves when the role has caught up and is at work; only then is the process
 * ready. A failure to start ends the process with status 1: its supervisor tries again.
 */
export async function runActor<const S extends Settings>(
  role: Role,
  settings: S,
  start: (actor: Actor, config: Values<S>) => Promise<Running>
): Promise<void> {
  let log = createLog(role, process.env.TRIAGE_INSTANCE ?? '1', 'info')
  try {
    const config = readConfig(commonSettings)
    const own = readConfig(settings)
    log = createLog(role, config.instance, config.logLevel)
    await live(role, config, log, (actor) => start(actor, own))
  } catch (error) {
    const { code, message } = TriageError.from(error)
    log.fatal({ code, err: error }, message)
    process.exit(1)
  }
}

async function live(
  role: Role,
  config: Values<typeof commonSettings>,
  log: Logger,
  start: (actor: Actor) => Promise<Running>
): Promise<void> {
  const actor = await assemble(role, config, log)
  const startedAt = new Date().toISOString()
  let running: Running | null = null
  const beat = (): void => {
    tellOfKeys(actor)
    actor.outbox.heartbeat({
      role,
      instance: config.instance,
      pid: process.pid,
      started_at: startedAt,
      ready: running !== null,
      in_flight: running?.inFlight?.() ?? 0,
      rss_bytes: process.memoryUsage.rss(),
      refused: actor.inbox.refusals.total,
      keys: actor.keys.held,
      ...alarms(running)
    })
  }
  const healthy = (): boolean => running !== null && actor.bus.connected()
  const health = serveHealth(config.healthPort, healthy, () => metricsText(role, actor.inbox.refusals))
  running = await start(actor)
  beat()
  const timer = setInterval(beat, limits.heartbeat_ms)
  log.info({ epoch: actor.outbox.sealer.epoch, ready_ms: Math.round(process.uptime() * 1000) }, 'ready')

  let stopping = false
  const drain = async (signal: string): Promise<void> => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'draining')
    clearInterval(timer)
    health?.close()
    await Promise.race([running?.stop(), new Promise((resolve) => setTimeout(resolve, 3_000))])
    await actor.bus.close()
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void drain(signal))
  process.on('SIGINT', (signal) => void drain(signal))
}

/** A key file that cannot be read any more: the process goes on with the keys that it has. */
function tellOfKeys({ keys, log }: Actor): void {
  const { trouble } = keys
  if (trouble) log.error({ code: trouble.code }, `the keys stay as they were: ${trouble.message}`)
}

/** Connects a role to the bus, in an epoch of its own. */
export async function assemble(
  role: Role,
  config: Pick<Values<typeof commonSettings>, 'keys' | 'natsUrl' | 'nkey' | 'instance'> & Partial<Values<typeof commonSettings>>,
  log: Logger
): Promise<Actor> {
  const keys = openKeyring(config.keys)
  const bus = await connectNats({
    url: config.natsUrl,
    user: role,
    nkey: config.nkey,
    instance: config.instance,
    tls: { ca: config.busCa || undefined, cert: config.busCert || undefined, key: config.busKey || undefined },
    log: (event, detail) => log[event === 'error' ? 'warn' : 'debug']({ event, detail }, 'bus')
  })
  const outbox = new Outbox(new Sealer(role, await bus.nextEpoch(role), keys), bus)
  const refusals = new Refusals(role, log, (id, refusal) => outbox.record('record.refusal.v1', id, refusal))
  const inbox = new Inbox(role, keys, refusals, new Taken(bus, role))
  return { role, instance: config.instance, log, bus, keys, inbox, outbox, incidents: new IncidentLog(bus, inbox, role, config.instance) }
}

const alarms = (running: Running | null): { alarms?: ErrorCode[] } => {
  const codes = running?.alarms?.() ?? []
  return codes.length > 0 ? { alarms: codes } : {}
}
