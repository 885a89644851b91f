// Runs once after installation: starts every program of the swarm and of the shop without its settings. Each loads its code,
// says what is missing and ends; what Node compiled on the way stays, so that the first real start is as quick and as small as
// every later one. Never fails: who could not be warmed up is compiled at its first start.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { shopPrograms } from '@triage/minicloud'
import { compileCache } from './compile-cache.ts'
import { flagsOf, nodeFlags, serviceProgram, swarmRoles } from './swarm-processes.ts'

const programs = [
  ...swarmRoles.map((role) => [...flagsOf(role), serviceProgram(role)]),
  ...shopPrograms,
  ...['setup', 'provision', 'baseline'].map((name) => [join(import.meta.dirname, `../containers/${name}.ts`)]),
  [...nodeFlags, join(import.meta.dirname, '../../../libs/runtime/src/docker/proxy/main.ts')],
  [join(import.meta.dirname, '../../bin/triage.js'), '--version']
]
const run = (args: string[]): Promise<void> =>
  new Promise((resolve) =>
    execFile(process.execPath, args, { env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache }, timeout: 20_000 }, () =>
      resolve()
    )
  )

async function worker(queue: string[][]): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) await run(next)
}
await Promise.all([worker(programs), worker(programs)])
