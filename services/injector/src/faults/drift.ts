import { TriageError } from '@triage/contracts'
import type { Fault, FaultContext } from './fault.ts'

/** A fault that is another configuration, and the target started with it. @param change says it in the place of the good one */
export function drift(
  about: Pick<Fault, 'description' | 'runtimes' | 'targets'>,
  change: (config: Record<string, unknown>, context: FaultContext) => object
): Fault {
  return {
    ...about,
    prepare: async (context) => {
      const { text } = await context.runtime.getConfig(context.target)
      return { good: text, bad: JSON.stringify(change(JSON.parse(text) as Record<string, unknown>, context), null, 2) }
    },
    apply: (context, { bad }) => become(context, bad!),
    undo: async (context, { good, bad }) => {
      const { runtime, target } = context
      if ((await runtime.getConfig(target)).text === bad) await become(context, good!)
      // Where a container was to take another's place, there may be none that runs.
      await runtime.start(target)
    }
  }
}

/** Processes read their configuration when they start; a container is made anew with it. */
async function become({ runtime, target }: Pick<FaultContext, 'runtime' | 'target'>, text: string): Promise<void> {
  await runtime.setConfig(target, text)
  if (runtime.kind === 'process') await runtime.restart(target)
}

/** What a container's configuration must have for a fault. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TriageError('E_FAULT_FAILED', `The target has no ${what}`)
  return value
}
