// Rehearsals of planners against faults, one after the other on one swarm.
import type { PlannerName } from './planners.ts'
import { inTurn } from './planners.ts'
import { brokenRow, type Key, type Row, rowOf } from './row.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** Another planner and another fault each time: what was the matter a moment ago is taken for usual when it comes again. */
export function keysOf(runtime: Key['runtime'], chosen: readonly PlannerName[], faults: readonly string[], seed: number): Key[] {
  const order = inTurn(chosen)
  return faults.flatMap((_, k) => order.map((planner, i): Key => ({ runtime, planner, fault: faults[(i + k) % faults.length]!, seed })))
}

/** Ends early when it is aborted. A swarm on which a rehearsal did not come to an end is not used again. */
export async function* rehearsals(keys: readonly Key[], options: StageOptions): AsyncGenerator<Row> {
  const { abort, budgetMs } = options
  let stage: Stage | null = null
  try {
    for (const key of keys) {
      abort.signal.throwIfAborted()
      stage ??= await openStage(options)
      let row: Row
      try {
        const rehearsal = await stage.rehearse(key.planner, key.fault, key)
        row = rowOf(key, budgetMs, rehearsal, await stage.runs(rehearsal.state.id))
      } catch (error) {
        abort.signal.throwIfAborted()
        await stage[Symbol.asyncDispose]()
        stage = null
        row = brokenRow(key, budgetMs, error as Error)
      }
      yield row
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    await stage?.[Symbol.asyncDispose]()
  }
}
