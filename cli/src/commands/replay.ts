import { TriageError } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { Command } from 'commander'
import { factsOfFile } from '../audit/facts-of-file.ts'
import { replayedText } from '../render/replay.ts'
import { replayPlans } from '../replay.ts'
import { Session } from '../session.ts'
import { commonOf, recordOption, replayOption, type TapeOptions, useTape } from './options.ts'

async function recorded(log: string | undefined, data: string): Promise<Fact[]> {
  if (log !== undefined) return factsOfFile(log)
  await using session = await Session.open(data)
  return await session.facts()
}

/** Throws E_NO_INCIDENT. `last` names the newest; nothing all of them. */
function named(facts: readonly Fact[], id: string | undefined): string | null {
  if (id === undefined) return null
  const opened = facts.filter(({ type }) => type === 'incident.opened.v1').map(({ incident_id }) => incident_id)
  const found = id === 'last' ? opened.at(-1) : opened.find((one) => one === id)
  if (!found) throw new TriageError('E_NO_INCIDENT', `there is no incident ${id}`)
  return found
}

export const replayCommand = (): Command =>
  new Command('replay')
    .description('plan again what was planned, from the facts alone: each plan must come out as it was, byte for byte')
    .argument('[id]', 'incident, or "last"; all of them when absent')
    .option('--log <file>', 'facts of an export of the audit log; of the running swarm when absent')
    .addOption(recordOption())
    .addOption(replayOption())
    .action(async (id: string | undefined, { log, ...tape }: TapeOptions & { log?: string }, command: Command) => {
      const { data, json } = commonOf(command)
      await useTape(tape)
      const facts = await recorded(log, data)
      let all = 0
      let same = 0
      for await (const replayed of replayPlans(facts, named(facts, id))) {
        all += 1
        same += Number(replayed.same)
        console.log(json ? JSON.stringify(replayed) : replayedText(replayed))
      }
      if (!json) console.log(all > 0 ? `${same} of ${all} plans came out as they were` : 'Nobody has proposed a plan yet.')
      if (same < all) process.exitCode = 1
    })
