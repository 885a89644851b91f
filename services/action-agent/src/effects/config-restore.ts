import { TriageError } from '@triage/contracts'
import { type Effect, type EffectContext, keyed, runsAnew } from './effect.ts'

async function baseline({ runtime, request }: EffectContext): Promise<string> {
  const config = await runtime.getConfig(request.task.target)
  if (!config.baseline) throw new TriageError('E_TASK_PRECONDITION', `no good configuration of ${request.task.target} is known`)
  return config.baseline.text
}

export const configRestore: Effect = {
  precondition: async (_, workload) =>
    workload.config_hash === workload.baseline_config_hash ? `the configuration of ${workload.name} is the last known good one` : null,
  undoData: async ({ runtime, request }) => (await runtime.getConfig(request.task.target)).text,
  act: async (context) => {
    const { runtime, request } = context
    await runtime.setConfig(request.task.target, await baseline(context))
    await runtime.restart(request.task.target, keyed(request))
  },
  undo: async ({ runtime, request }, text) => {
    await runtime.setConfig(request.task.target, text)
    await runtime.restart(request.task.target)
  },
  tookPlace: async (context, snapshot) => {
    const { config_hash, baseline_config_hash } = await context.runtime.inspect(context.request.task.target)
    if (config_hash !== baseline_config_hash) return config_hash === snapshot.config_hash ? 'no' : 'unknown'
    return runsAnew(context, snapshot)
  }
}
