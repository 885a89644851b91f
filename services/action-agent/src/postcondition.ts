import type { Expect } from '@triage/contracts'
import { runProbe } from '@triage/telemetry'
import { isUnchanged } from './effects/cache-delete-key.ts'
import type { EffectContext } from './effects/effect.ts'
import { isAttached } from './effects/network-attach.ts'
import { runs } from './effects/service-start.ts'

const pollMs = 150

async function healthy({ runtime, request }: EffectContext): Promise<string | null> {
  // The target's own: a command that brought the probes along could bring such as pass.
  const workload = await runtime.inspect(request.task.target)
  const { status, probes, health } = workload
  if (!runs(workload))
    return status === 'running' ? `replicas of ${request.task.target} are missing` : `${request.task.target} is ${status}`
  if (health === 'unhealthy' && !probes.some(({ kind }) => kind === 'http')) return `the runtime finds ${request.task.target} unhealthy`
  const results = await Promise.all(probes.map(async (probe) => ({ probe, result: await runProbe(probe) })))
  const failed = results.find(({ result }) => !result.ok)
  return failed ? `probe ${failed.probe.name} of ${request.task.target} fails` : null
}

const conditions: Record<Expect['condition'], (context: EffectContext) => Promise<string | null>> = {
  healthy,
  stopped: async ({ runtime, request }) =>
    (await runtime.inspect(request.task.target)).status === 'running' ? `${request.task.target} still runs` : null,
  config_restored: async (context) => {
    const { config_hash, baseline_config_hash } = await context.runtime.inspect(context.request.task.target)
    return config_hash === baseline_config_hash
      ? healthy(context)
      : `the configuration of ${context.request.task.target} is not the last known good one`
  },
  key_absent: async (context) => ((await isUnchanged(context)) ? 'the key is still there' : null),
  attached: async (context) => ((await isAttached(context)) ? healthy(context) : `${context.request.task.target} is not on the network`)
}

/** What speaks against the postcondition now; null when it holds. */
export const disagreement = (context: EffectContext, expect: Expect): Promise<string | null> => conditions[expect.condition](context)

/** Waits for the postcondition, at most `within_ms`. Null when it holds, else what still speaks against it. */
export async function awaitPostcondition(context: EffectContext, expect: Expect): Promise<string | null> {
  const deadline = performance.now() + expect.within_ms
  for (;;) {
    const wrong = await disagreement(context, expect)
    if (wrong === null || performance.now() > deadline) return wrong
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
