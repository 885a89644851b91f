import { collect, runActor, serveTasks } from '@triage/actor'
import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { Vitals } from '@triage/telemetry'
import { MetricAgent } from './metric-agent.ts'

const settings = {
  ...runtimeSettings,
  intervalMs: { env: 'TRIAGE_SAMPLE_MS', kind: 'integer', description: 'milliseconds between two looks at every workload', default: 1000 }
} as const

await runActor('metric-agent', settings, async (actor, config) => {
  const runtime = await openRuntime(config)
  const agent = new MetricAgent(runtime, new Vitals(runtime, { withUsage: true }), actor.log)
  const sampling = agent.sampleEvery(config.intervalMs)
  const [tasks, collecting] = await Promise.all([
    serveTasks(actor, (request) => agent.carryOut(request)),
    collect(actor, async (_, prefix) => ({ observations: await agent.observe(prefix) }))
  ])
  return {
    inFlight: () => tasks.inFlight!() + collecting.inFlight!(),
    stop: async () => void (await Promise.all([sampling.stop(), tasks.stop(), collecting.stop()]))
  }
})
