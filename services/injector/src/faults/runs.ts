import type { RuntimeInjector } from '@triage/runtime'

/** Whether it still runs as it did: what was done to that run ends with it. */
export async function runs(runtime: RuntimeInjector, target: string, run_id: string | undefined): Promise<boolean> {
  const now = await runtime.inspect(target)
  return now.status === 'running' && now.run_id === run_id
}
