import { join } from 'node:path'
import { type Bus, connectNats } from '@triage/bus'
import { startNats } from '@triage/bus/testing'
import { createKeyFile, type Keyring, openKeyring } from '@triage/keyring'
import { newRunFolder } from '@triage/minicloud'
import { type SupervisedProcess, Supervisor, startReaper } from '@triage/runtime'
import { dataPaths, makeDataFolder } from '../../../cli/src/launcher/folders.ts'
import { Pulse } from '../../../cli/src/launcher/readiness.ts'
import { practiceRules, swarmProcesses } from '../../../cli/src/launcher/swarm-processes.ts'

const roles = ['planner', 'scheduler']
const readyMs = 15_000

/** The real planner and scheduler as processes on a real nats-server, ready, and nobody else. */
export interface Deciders extends AsyncDisposable {
  url: string
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
  const { url } = starting.use(await startNats(Object.fromEntries(roles.map((role) => [role, ['1']]))))
  const folder = await newRunFolder()
  starting.adopt(startReaper(folder, 'remove'), (reaper) => reaper.close())
  const supervisor = starting.use(new Supervisor(folder))
  const data = join(folder, 'data')
  await makeDataFolder(data)
  createKeyFile(dataPaths(data).keys)
  const keys = openKeyring(dataPaths(data).keys)
  const bus = starting.adopt(await connectNats({ url, name: 'bench' }), (connected) => connected.close())

  const pulse = starting.adopt(new Pulse(bus, keys), (heard) => heard.stop())
  // Neither of them looks at a runtime.
  const runtime = { url: '', tokens: { reader: '', writer: '', injector: '' } }
  supervisor.start(swarmProcesses({ data, natsUrl: url, rules: practiceRules, runtime }).filter(({ name }) => roles.includes(name)))
  await pulse.ready(roles, readyMs, dataPaths(data).logs)

  const started = starting.move()
  const start = (specs: SupervisedProcess[]): void => supervisor.start(specs)
  return { url, bus, keys, folder, start, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
