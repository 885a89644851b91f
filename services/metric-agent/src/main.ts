import { collect, runActor, serveTasks, together } from '@triage/actor'
import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { Fallback, Prometheus, Scrapes, Vitals } from '@triage/telemetry'
import { MetricAgent } from './metric-agent.ts'

const settings = {
  ...runtimeSettings,
  intervalMs: { env: 'TRIAGE_SAMPLE_MS', kind: 'integer', description: 'milliseconds between two looks at every workload', default: 1000 },
  prometheusUrl: {
    env: 'TRIAGE_PROMETHEUS_URL',
    kind: 'string',
    description: 'Prometheus whose metrics are read, http://host:port; the workloads are scraped directly unless it is set',
    default: ''
  },
  prometheusLabel: {
    env: 'TRIAGE_PROMETHEUS_LABEL',
    kind: 'string',
    description: 'label that names the workload there',
    default: 'service'
  },
  prometheusStepMs: {
    env: 'TRIAGE_PROMETHEUS_STEP_MS',
    kind: 'integer',
    description: 'milliseconds between two scrapes of that Prometheus',
    default: 2000
  }
} as const

await runActor('metric-agent', settings, async (actor, config) => {
  const runtime = await openRuntime(config)
  const { prometheusUrl: url, prometheusLabel: label, prometheusStepMs: stepMs } = config
  const scrapes = new Scrapes()
  const source = url ? new Fallback(new Prometheus({ url, label, stepMs }), scrapes, actor.log) : scrapes
  const agent = new MetricAgent(runtime, new Vitals(runtime, source, { withUsage: true }), actor.log)
  const sampling = agent.sampleEvery(config.intervalMs)
  const working = await Promise.all([
    serveTasks(actor, (request) => agent.carryOut(request)),
    collect(actor, async (_, prefix) => ({ observations: await agent.observe(prefix) }))
  ])
  return together(sampling, ...working)
})
