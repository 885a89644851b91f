import { phases } from '@triage/incident'
import { Command } from 'commander'
import { runsOf } from '../audit/runs.ts'
import { planVersions } from '../plan-versions.ts'
import { incidentText } from '../render/incident.ts'
import { plansText } from '../render/plans.ts'
import { timelineLine } from '../render/timeline.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

export const showCommand = (): Command =>
  new Command('show')
    .description('show an incident: hypothesis, evidence, plans, actions, time, outcome')
    .argument('<id>', 'incident, or "last"')
    .option('--timeline', 'every fact in order')
    .option(
      '--plans',
      'each plan: who made it and why, which models were asked, what the validator said, what differs from the plan before'
    )
    .action(async (id: string, { timeline, plans }: { timeline?: boolean; plans?: boolean }, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const { state, facts } = await session.story(id)
      if (plans) {
        // Nothing is on record yet, of a young incident.
        const runs = await runsOf(session.bus, state.id).catch(() => [])
        const versions = planVersions(
          facts,
          runs.map(({ run }) => run)
        )
        return print(common, { incident_id: state.id, versions }, () => plansText(versions))
      }
      const { seen: _, ...plain } = state
      print(common, { ...plain, phases_ms: phases(facts), ...(timeline && { facts }) }, () => {
        const lines = timeline ? facts.map((fact) => timelineLine(fact, state.openedAt)).filter((line) => line !== null) : []
        return [...lines, ...(timeline ? [''] : []), incidentText(state, facts)].join('\n')
      })
    })
