import { runActor, runtimeSettings } from '@triage/actor'
import { processRuntime } from '@triage/runtime'
import { Monitor } from './monitor.ts'
import { World } from './world.ts'

const settings = {
  ...runtimeSettings,
  intervalMs: { env: 'TRIAGE_PROBE_MS', kind: 'integer', description: 'milliseconds between two looks at the world', default: 1000 }
} as const

await runActor('monitor', settings, (actor, config) => {
  const runtime = processRuntime({ url: config.runtimeUrl, token: config.runtimeToken })
  return new Monitor(actor, new World(runtime), config.intervalMs).start()
})
