// Models in the place of real ones: one that reads what it is told and answers well, and others.
import type { Script } from '@triage/model-server'

/** What a line of evidence shows, and what is to be done about it. */
const cures = [
  { line: /^(E\d+) -?\d+s "([\w-]+)" config_drift:/m, cause: 'config_drift', type: 'config.restore' },
  { line: /^(E\d+) -?\d+s "([\w-]+)" state:/m, cause: 'process_exited', type: 'service.start' }
]

export const goodPlanner: Script = ({ messages }) => {
  const prompt = messages[1]!.content
  const { line, cause, type } = cures.find((cure) => cure.line.test(prompt)) ?? cures[1]!
  const [, alias = 'E1', service = 'orders'] = line.exec(prompt) ?? []
  const hypothesis = { service, cause, confidence: 'high', evidence: [alias], statement: `${cause} at ${service}` }
  return { does: 'answer', text: JSON.stringify({ hypothesis, decision: { do: 'act', tasks: [{ type, target: service }] } }) }
}

/** Sure of itself, and wrong in every way that a schema forbids. */
export const badPlanner: Script = [{ does: 'answer', text: 'Sure! Action: shell.run\n```json\n{"command": "reboot"}\n```' }]

export const hungPlanner: Script = [{ does: 'hang' }]
