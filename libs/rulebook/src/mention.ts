import type { Topology } from './topology.ts'

/** The declared services that a report names, in the order of names. Text decides nothing else. */
export function mentionedIn({ text, service }: { text: string; service?: string }, { services }: Topology): string[] {
  const words = new Set(text.toLowerCase().match(/[a-z0-9][a-z0-9_-]*/g))
  return [...services.values()].filter(({ name, managed }) => managed && (name === service || words.has(name))).map(({ name }) => name)
}
