import { TriageError } from '@triage/contracts'
import { Command } from 'commander'
import { isAlive, readSwarmFile } from '../launcher/swarm-file.ts'
import { commonOf, print } from './options.ts'

export const downCommand = (): Command =>
  new Command('down').description('stop the swarm; its data folder stays').action(async (_, command: Command) => {
    const common = commonOf(command)
    const { pid } = await readSwarmFile(common.data)
    if (pid === undefined) throw new TriageError('E_USAGE', 'this swarm runs in containers: docker compose down stops it')
    process.kill(pid, 'SIGTERM')
    const deadline = performance.now() + 20_000
    while (isAlive(pid)) {
      if (performance.now() > deadline) throw new TriageError('E_TIMEOUT', `process ${pid} has not ended in 20 s`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    print(common, { stopped: pid }, () => 'stopped')
  })
