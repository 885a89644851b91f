import { createServer } from 'node:http'
import { type Bus, connectNats } from '@triage/bus'
import { readConfig, type Settings, type Values } from '@triage/config'
import { type ErrorCode, limits, type Role, TriageError } from '@triage/contracts'
import { type MessageKeys, Sealer } from '@triage/envelope'
import { openKeyring } from '@triage/keyring'
import { createLog, type Logger } from '@triage/log'
import { Inbox } from './inbox.ts'
import { IncidentLog } from './incident-log.ts'
import { Outbox } from './outbox.ts'
import { commonSettings } from './settings.ts'

/** What a process of the swarm works with. */
export interface Actor {
  role: Role
  instance: string
  log: Logger
  bus: Bus
  keys: MessageKeys
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
  const beat = (): void =>
    actor.outbox.heartbeat({
      role,
      instance: config.instance,
      pid: process.pid,
      started_at: startedAt,
      ready: running !== null,
      in_flight: running?.inFlight?.() ?? 0,
      rss_bytes: process.memoryUsage.rss(),
      refused: actor.inbox.refusals,
      ...alarms(running)
    })
  const health = serveHealth(config.healthPort, () => running !== null && actor.bus.connected())
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

/** Connects a role to the bus, in an epoch of its own. */
export async function assemble(
  role: Role,
  config: Pick<Values<typeof commonSettings>, 'keys' | 'natsUrl' | 'instance'>,
  log: Logger
): Promise<Actor> {
  const keys = openKeyring(config.keys)
  const bus = await connectNats({
    url: config.natsUrl,
    name: `${role}-${config.instance}`,
    log: (event, detail) => log.debug({ event, detail }, 'bus')
  })
  const outbox = new Outbox(new Sealer(role, await bus.nextEpoch(role), keys), bus)
  const inbox = new Inbox(keys, ['swarm', role], log, (refusal) => {
    outbox
      .record('record.refusal.v1', `refusal:${role}:${refusal.message_sha256}`, refusal)
      .catch((error) => log.error({ err: error }, 'could not put a refusal on record'))
  })
  return { role, instance: config.instance, log, bus, keys, inbox, outbox, incidents: new IncidentLog(bus, inbox, role, config.instance) }
}

const alarms = (running: Running | null): { alarms?: ErrorCode[] } => {
  const codes = running?.alarms?.() ?? []
  return codes.length > 0 ? { alarms: codes } : {}
}

/** GET /healthz for container health checks: 200 when the process is ready and has its bus. */
function serveHealth(port: number, healthy: () => boolean): ReturnType<typeof createServer> | null {
  if (port === 0) return null
  const server = createServer((_, response) => response.writeHead(healthy() ? 200 : 503).end())
  return server.listen(port, '127.0.0.1')
}
