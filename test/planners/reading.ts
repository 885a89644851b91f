// What a prompt of the planner says, read as a model would: nothing else is known here.
import type { Asked } from '@triage/model-server'

/** A line of evidence. */
export interface Line {
  alias: string
  service: string
  kind: string
  /** What was seen, as it is written. */
  text: string
  /** The cache's key that it names. */
  key?: string
}

export interface Reading {
  evidence: readonly Line[]
  /** Services that are listed, each with its kind and what it needs. */
  services: readonly { name: string; kind: string; needs: readonly string[] }[]
}

const quoted = /"(?:[^"\\]|\\.)*"/g
const textsIn = (line: string): string[] => [...line.matchAll(quoted)].map(([text]) => JSON.parse(text) as string)
/** The lines below a heading. */
const section = (prompt: string, heading: string): string[] =>
  prompt
    .split('\n\n')
    .find((part) => part.startsWith(heading))
    ?.split('\n')
    .slice(1) ?? []

export function read({ messages }: Asked): Reading {
  const prompt = messages[1]!.content
  const evidence = section(prompt, '# Evidence').map((line): Line => {
    const [, alias, kind] = /^(E\d+) -?\d+s "[^"]*" (\w+): /.exec(line)!
    const [service, ...text] = textsIn(line)
    const [, key] = / key=("(?:[^"\\]|\\.)*")/.exec(line) ?? []
    return { alias: alias!, service: service!, kind: kind!, text: text.join(' '), ...(key && { key: JSON.parse(key) as string }) }
  })
  const services = section(prompt, '# Services').map((line) => {
    const [name, ...needs] = textsIn(line)
    return { name: name!, kind: /" ([\w-]+),/.exec(line)![1]!, needs }
  })
  return { evidence, services }
}

/** Whether it shows that its service is ill, not just that something happened or was said. */
export const isSymptom = ({ kind, text }: Line): boolean =>
  ['probe_failure', 'state', 'network'].includes(kind) || (kind === 'metric_anomaly' && !text.startsWith('request_rate '))
