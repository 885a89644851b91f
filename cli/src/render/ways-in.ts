import { seedPath } from '@triage/bus/server'
import { dataPaths } from '../launcher/folders.ts'
import type { Patient } from '../launcher/patient.ts'
import type { Swarm } from '../launcher/swarm.ts'
import { style } from './style.ts'

/** How to reach a swarm, for its operator. */
export function waysIn({ natsUrl, data }: Pick<Swarm<Patient>, 'natsUrl' | 'data'>, complaint: string): string {
  const say = style.accent
  const { nkeys, logs } = dataPaths(data)
  return [
    `  report    ${say(`npx triage report "${complaint}"`)}`,
    `            ${say(`nats pub -s ${natsUrl} --nkey ${seedPath(nkeys, 'reporter')} incident.report "${complaint}"`)}`,
    `  decide    ${say('npx triage approvals')}   ${say('npx triage approve ID')}   ${say('npx triage deny ID --reason "…"')}`,
    `  watch     ${say('npx triage watch')}   ${say('npx triage status')}   ${say('npx triage show last')}`,
    `  evidence  ${say('npx triage audit tail')}   ${say('npx triage audit verify')}`,
    `  logs      ${logs}`,
    `  stop      Ctrl-C, or ${say('npx triage down')}`
  ].join('\n')
}
