import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bus } from '@triage/bus'
import { type NatsServer, startNats } from '@triage/bus/testing'
import type { Role } from '@triage/contracts'
import { createKeyFile, Keyring } from '@triage/keyring'
import { newRunFolder } from '@triage/minicloud'
import { type SupervisedProcess, Supervisor, startReaper } from '@triage/runtime'
import { dataPaths, makeDataFolder } from '../../../cli/src/launcher/folders.ts'
import { Pulse } from '../../../cli/src/launcher/readiness.ts'
import { practiceRules, swarmProcesses } from '../../../cli/src/launcher/swarm-processes.ts'

const roles: Role[] = ['planner', 'scheduler']
const readyMs = 15_000

/** The real planner and scheduler as processes on a real nats-server, ready, and nobody else. */
interface Deciders extends AsyncDisposable {
  server: NatsServer
  /** May do anything. */
  bus: Bus
  /** Keys of every role. */
  keys: Keyring
  /** Goes with the processes. */
  folder: string
  /** Spawns more processes, which end with these. */
  start(specs: SupervisedProcess[]): void
}

export async function startDeciders(): Promise<Deciders> {
  await using starting = new AsyncDisposableStack()
  const server = starting.use(await startNats(Object.fromEntries(roles.map((role) => [role, ['1']]))))
  const folder = await newRunFolder()
  starting.adopt(startReaper(folder, 'remove'), (reaper) => reaper.close())
  const supervisor = starting.use(new Supervisor(folder))
  const data = join(folder, 'data')
  await makeDataFolder(data)
  const file = createKeyFile(dataPaths(data).keys)
  await cp(server.nkeys, dataPaths(data).nkeys, { recursive: true })
  const keys = Keyring.follow(file)
  const bus = await server.connect('root')

  const pulse = starting.adopt(new Pulse(bus, keys), (heard) => heard.stop())
  // Neither of them looks at a runtime.
  const settings = { roles, data, natsUrl: server.url, unlocked: file.unlocked, rules: practiceRules, runtime: () => ({}) }
  supervisor.start(swarmProcesses(settings))
  await pulse.ready(roles, readyMs, dataPaths(data).logs)

  const started = starting.move()
  const start = (specs: SupervisedProcess[]): void => supervisor.start(specs)
  return { server, bus, keys, folder, start, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
