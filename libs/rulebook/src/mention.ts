import type { Topology } from './topology.ts'

/** The declared services that a report names, or the answer to a question, in the order of names. Text decides nothing else. */
export function mentionedIn(
  { text, service, answer = '' }: { text: string; service?: string; answer?: string },
  { services }: Topology
): string[] {
  const words = new Set(`${text}\n${answer}`.toLowerCase().match(/[a-z0-9][a-z0-9_-]*/g))
  return [...services.values()].filter(({ name, managed }) => managed && (name === service || words.has(name))).map(({ name }) => name)
}
