import { TriageError } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { Command } from 'commander'
import { incidentText } from '../render/incident.ts'
import { style } from '../render/style.ts'
import { timelineLine } from '../render/timeline.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

/** The fact that says what became of the report at that place in INTAKE. */
const isReceipt = (fact: Fact, seq: number): boolean =>
  ((fact.type === 'incident.opened.v1' || fact.type === 'incident.report-merged.v1') && fact.payload.report.intake_seq === seq) ||
  (fact.type === 'incident.report-rejected.v1' && fact.payload.intake_seq === seq)

const ended = (fact: Fact): boolean => ['incident.recovered.v1', 'incident.escalated.v1', 'incident.cancelled.v1'].includes(fact.type)

export const reportCommand = (): Command =>
  new Command('report')
    .description('report what is wrong, in any words')
    .argument('<text...>', 'what is wrong')
    .option('--follow', 'follow the incident to its end; fails when it does not end recovered or closed')
    .action(async (words: string[], { follow }: { follow?: boolean }, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const { lastSeq } = await session.bus.size('INCIDENTS')
      const seq = await session.report(words.join(' '))
      const receipt = await session.until((fact) => isReceipt(fact, seq), { from: lastSeq + 1, timeoutMs: 10_000 })
      if (receipt?.type === 'incident.report-rejected.v1')
        throw new TriageError(receipt.payload.error.code as TriageError['code'], receipt.payload.error.message)
      const { incident_id, type } = receipt!
      const merged = type === 'incident.report-merged.v1'
      if (follow) return await followToEnd(session, incident_id, lastSeq + 1, common)
      print(
        common,
        { incident_id, merged },
        () =>
          `${incident_id} ${merged ? 'is open already and says the same' : 'opened'}; follow it: npx triage show ${incident_id} --timeline`
      )
    })

async function followToEnd(session: Session, id: string, from: number, common: { data: string; json: boolean }): Promise<void> {
  let start = 0
  await session.until(
    (fact) => {
      if (fact.incident_id !== id) return false
      start ||= fact.at
      const line = timelineLine(fact, start)
      if (line && !common.json) console.log(line)
      return ended(fact)
    },
    { from }
  )
  const { state, facts } = await session.story(id)
  print(common, { incident_id: id, outcome: state.end?.kind, reason: state.end?.reason }, () => `\n${incidentText(state, facts)}`)
  if (state.end?.kind === 'escalated') {
    process.exitCode = 1
    if (!common.json) console.error(style.bad('it was handed to a human'))
  }
}
