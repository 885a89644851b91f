// A model that plans well: it reads the evidence that it is shown, and chooses from what it is offered.
import type { Asked } from '@triage/model-server'
import { isSymptom, type Line, type Reading, read } from './reading.ts'

/** An answer in the shape that the planner asks for. */
export interface Answer {
  hypothesis: { service: string | null; cause: string; confidence: string; evidence: string[]; statement: string }
  decision: { do: 'act'; tasks: { type: string; target: string; args?: object }[] } | { do: 'nothing_to_do' }
}

interface Cure {
  /** Whether a line of evidence shows the cause. */
  shows(line: Line, reading: Reading): boolean
  cause: string
  type: string
  /** What it is done to, if not to what the line is about. */
  target?(reading: Reading): string | undefined
  /** What the line says of the arguments. */
  args?(line: Line): object
}

const suffers = (service: string, { evidence }: Reading): boolean => evidence.some((line) => line.service === service && isSymptom(line))
const isWell = (service: string, reading: Reading): boolean => !suffers(service, reading)
const needsOf = (service: string, { services }: Reading): readonly string[] => services.find(({ name }) => name === service)?.needs ?? []

/** What tells most comes first. */
const cures: readonly Cure[] = [
  {
    shows: ({ kind }) => kind === 'network',
    cause: 'network_detached',
    type: 'network.attach',
    args: ({ text }) => ({ network: /network (\S+),/.exec(text)![1] })
  },
  {
    shows: ({ kind, service }, reading) => kind === 'config_drift' && suffers(service, reading),
    cause: 'config_drift',
    type: 'config.restore'
  },
  { shows: ({ kind, text }) => kind === 'state' && /paused/.test(text), cause: 'process_paused', type: 'service.start' },
  { shows: ({ kind }) => kind === 'state', cause: 'process_exited', type: 'service.start' },
  {
    shows: ({ key }) => key !== undefined,
    cause: 'cache_poison',
    type: 'cache.delete_key',
    target: ({ services }) => services.find(({ kind }) => kind === 'cache')?.name,
    args: ({ key }) => ({ key })
  },
  { shows: ({ kind, text }) => kind === 'resource' && /nobody declared/.test(text), cause: 'cpu_hog', type: 'workload.stop' },
  { shows: ({ text }) => /nobody declared, appeared .* beside/.test(text), cause: 'undeclared_neighbour', type: 'workload.stop' },
  { shows: ({ kind, text }) => kind === 'resource' && /cores of the/.test(text), cause: 'cpu_saturated', type: 'service.restart' },
  {
    // What it waits for is well: the fault is on its own side.
    shows: ({ kind, text, service }, reading) =>
      kind === 'log_template' &&
      /time-?out|timed out|no answer/i.test(text) &&
      suffers(service, reading) &&
      needsOf(service, reading).every((name) => isWell(name, reading)),
    cause: 'connection_lost',
    type: 'service.restart'
  },
  {
    shows: ({ kind, text }) => kind === 'probe_failure' && /^probe (?!ready).* timeout/.test(text),
    cause: 'process_hung',
    type: 'service.restart'
  }
]

function looking({ evidence }: Reading): Answer {
  const ill = evidence.find(isSymptom)
  const hypothesis = { service: ill?.service ?? null, confidence: 'low', evidence: ill ? [ill.alias] : [] }
  return ill
    ? {
        hypothesis: { ...hypothesis, cause: 'unknown', statement: 'nothing that was seen explains it' },
        decision: { do: 'act', tasks: [{ type: 'logs.query', target: ill.service }] }
      }
    : { hypothesis: { ...hypothesis, cause: 'no_fault', statement: 'all is well' }, decision: { do: 'nothing_to_do' } }
}

/** One thing done about what the evidence shows; a look, when it shows too little; nothing, when nothing is ill. */
export function goodAnswer(asked: Asked): Answer {
  const reading = read(asked)
  for (const { shows, cause, type, target, args } of cures) {
    const line = reading.evidence.find((one) => shows(one, reading))
    if (!line) continue
    const task = { type, target: target?.(reading) ?? line.service, ...(args && { args: args(line) }) }
    const statement = `${cause} at ${line.service}`
    return {
      hypothesis: { service: line.service, cause, confidence: 'high', evidence: [line.alias], statement },
      decision: { do: 'act', tasks: [task] }
    }
  }
  return looking(reading)
}
