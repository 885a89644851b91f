import { phases } from '@triage/incident'
import { Command } from 'commander'
import { incidentText } from '../render/incident.ts'
import { timelineLine } from '../render/timeline.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

export const showCommand = (): Command =>
  new Command('show')
    .description('show an incident: hypothesis, evidence, plans, actions, time, outcome')
    .argument('<id>', 'incident, or "last"')
    .option('--timeline', 'every fact in order')
    .action(async (id: string, { timeline }: { timeline?: boolean }, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const { state, facts } = await session.story(id)
      const { seen: _, ...plain } = state
      print(common, { ...plain, phases_ms: phases(facts), ...(timeline && { facts }) }, () => {
        const lines = timeline ? facts.map((fact) => timelineLine(fact, state.openedAt)).filter((line) => line !== null) : []
        return [...lines, ...(timeline ? [''] : []), incidentText(state, facts)].join('\n')
      })
    })
