import { collect, runActor, serveTasks, together } from '@triage/actor'
import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { LogAgent } from './log-agent.ts'

await runActor('log-agent', runtimeSettings, async (actor, config) => {
  const agent = new LogAgent(await openRuntime(config))
  const working = await Promise.all([
    serveTasks(actor, (request) => agent.carryOut(request)),
    collect(actor, async (_, prefix) => ({ observations: await agent.observe(prefix) }))
  ])
  return together(...working)
})
