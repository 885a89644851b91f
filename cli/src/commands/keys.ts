import { resolve } from 'node:path'
import { limits, TriageError } from '@triage/contracts'
import { createKeyFile, type Everybody, KeyFile, type KeyVersion, passphraseFileOf, retire, rotate, stateOf } from '@triage/keyring'
import { Command } from 'commander'
import { dataPaths, makeDataFolder } from '../launcher/folders.ts'
import { Pulse } from '../launcher/readiness.ts'
import { style, table } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

interface Shown {
  id: string
  state: string
  created_at: string
  signs_from: string | null
  retires_at: string | null
}

const when = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())
/** What may be told of a version: everything but the key. */
const shown = (version: KeyVersion): Shown => ({
  id: version.id,
  state: stateOf(version, Date.now()),
  created_at: new Date(version.created_at).toISOString(),
  signs_from: when(version.signs_from),
  retires_at: when(version.retires_at)
})

const row = ({ id, state, signs_from, retires_at }: Shown): string[] => [
  id,
  state === 'current' ? style.good(state) : state,
  signs_from ? `signs from ${signs_from}` : 'nobody signs with it yet',
  retires_at ? `${state === 'retired' ? 'retired at' : 'accepted until'} ${retires_at}` : ''
]
const lines = (versions: readonly KeyVersion[]): string =>
  table(
    versions.map((version) => row(shown(version))),
    ''
  )

/** The key file of the running swarm, or of the data folder. */
const keyFile = (data: string): KeyFile => new KeyFile(dataPaths(data).keys)

/** Hears every process for longer than they are silent, then waits until each says what is asked. */
function listening(pulse: Pulse, log: (line: string) => void): Everybody {
  const heardAll = performance.now() + limits.heartbeat_ms + 500
  return async (what, says) => {
    log(`waiting until all ${what}`)
    const deadline = performance.now() + limits.key_switch_ms
    for (;;) {
      const late = pulse.heartbeats.filter(({ at, keys }) => performance.now() - at < limits.heartbeat_lost_ms && !says(keys))
      if (performance.now() > heardAll && late.length === 0) return
      if (performance.now() > deadline)
        throw new TriageError('E_TIMEOUT', `these do not ${what}: ${late.map(({ role, instance }) => `${role}-${instance}`).join(', ')}`)
      await new Promise((wait) => setTimeout(wait, 50))
    }
  }
}

const notUp = (error: unknown): null => {
  if (TriageError.from(error).code === 'E_NOT_UP') return null
  throw error
}

const init = new Command('init')
  .description('make the key file of a data folder, before its first start')
  .action(async (_, command: Command) => {
    const common = commonOf(command)
    await makeDataFolder(common.data)
    const path = dataPaths(common.data).keys
    if (keyFile(common.data).exists) throw new TriageError('E_KEYS_EXIST', `${path} is there`)
    const file = createKeyFile(path)
    const asked = Boolean(process.env.TRIAGE_KEYS_PASSPHRASE || process.env.TRIAGE_KEYS_PASSPHRASE_FILE)
    const beside = asked ? null : resolve(passphraseFileOf(path))
    print(common, { file: path, passphrase_file: beside, keys: file.read().map(shown) }, () =>
      [`${path} made`, beside ? style.warn(`its passphrase lies in ${beside}: keep the two apart in backups`) : '']
        .filter(Boolean)
        .join('\n')
    )
  })

const list = new Command('list').description('show the versions of the key, never the keys').action(async (_, command: Command) => {
  const common = commonOf(command)
  const versions = keyFile(common.data).read()
  print(common, versions.map(shown), () => lines(versions))
})

const rotation = new Command('rotate')
  .description('sign with a new key; the one before retires by itself, and no message is lost')
  .action(async (_, command: Command) => {
    const common = commonOf(command)
    const file = keyFile(common.data)
    await using session = await Session.open(common.data).catch(notUp)
    const pulse = session && new Pulse(session.bus, session.keys)
    // Nobody runs: those that start will read the file.
    const everybody: Everybody = pulse ? listening(pulse, (line) => console.error(style.dim(line))) : async () => {}
    try {
      const versions = await rotate(file, everybody)
      print(common, versions.map(shown), () => lines(versions))
    } finally {
      await pulse?.stop()
    }
  })

const retirement = new Command('retire')
  .description('retire a key that has a successor, before its time')
  .argument('<key>', 'version, for example k1')
  .option('--leaked', 'somebody else has it: what is signed with it and on its way is dropped')
  .action(async (id: string, { leaked }: { leaked?: boolean }, command: Command) => {
    const common = commonOf(command)
    const file = keyFile(common.data)
    using _ = file.lock()
    const versions = file.update((held) => retire(held, id, Date.now(), leaked))
    print(common, versions.map(shown), () => lines(versions))
  })

export const keysCommand = (): Command =>
  new Command('keys')
    .description('the keys that messages are signed with: make, list, rotate, retire')
    .addCommand(init)
    .addCommand(list)
    .addCommand(rotation)
    .addCommand(retirement)
