import { collect, runActor, runtimeSettings, serveTasks } from '@triage/actor'
import { processRuntime } from '@triage/runtime'
import { Vitals } from '@triage/telemetry'
import { MetricAgent } from './metric-agent.ts'

const settings = {
  ...runtimeSettings,
  intervalMs: { env: 'TRIAGE_SAMPLE_MS', kind: 'integer', description: 'milliseconds between two looks at every workload', default: 1000 }
} as const

await runActor('metric-agent', settings, async (actor, config) => {
  const runtime = processRuntime({ url: config.runtimeUrl, token: config.runtimeToken })
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
