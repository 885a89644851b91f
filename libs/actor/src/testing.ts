// A real server and roles on it, without their processes: `await using swarm = await testSwarm()`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus } from '@triage/bus'
import { seedPath } from '@triage/bus/server'
import { startNats } from '@triage/bus/testing'
import type { Role } from '@triage/contracts'
import { createKeyFile } from '@triage/keyring'
import { createLog } from '@triage/log'
import { type Actor, assemble } from './process.ts'

export interface TestSwarm extends AsyncDisposable {
  natsUrl: string
  /** Folder of the nkey seeds. */
  nkeys: string
  /** Path of the key file. */
  keys: string
  /** A connection that may do anything: to look where the roles under test may not, and to do what a thief would. */
  root: Bus
  /** A role on the bus; gone with the swarm. Asked for again it is the role's next life. */
  actor(role: Role): Promise<Actor>
}

/** @param followers roles that follow a stream, each with an instance `1`; @param like a swarm whose messages hold here too */
export async function testSwarm(followers: readonly Role[] = [], like?: TestSwarm): Promise<TestSwarm> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-actor-'))
  const keys = like?.keys ?? join(folder, 'keys.json')
  createKeyFile(keys)
  const server = await startNats(Object.fromEntries(followers.map((role) => [role, ['1']])))
  const actors: Actor[] = []
  return {
    natsUrl: server.url,
    nkeys: server.nkeys,
    root: await server.connect('root'),
    keys,
    actor: async (role) => {
      const actor = await assemble(
        role,
        { natsUrl: server.url, nkey: seedPath(server.nkeys, role), keys, instance: '1' },
        createLog(role, '1', 'silent')
      )
      actors.push(actor)
      return actor
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(actors.map((actor) => actor.bus.close()))
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
  }
}
