import type { RuntimeInjector } from '@triage/runtime'
import { required } from './drift.ts'
import { type Fault, services, stores } from './fault.ts'

export const networkDisconnect: Fault = {
  description: 'the container was taken off a network that it needs',
  runtimes: ['docker'],
  targets: [...services, ...stores],
  prepare: async ({ runtime, target, pick }) => {
    const networks = await neededNetworks(runtime, target)
    return { network: required(networks[pick(Math.max(1, networks.length))], 'network') }
  },
  apply: ({ runtime, target }, { network }) => runtime.detachNetwork(target, network!),
  undo: ({ runtime, target }, { network }) => runtime.attachNetwork(target, network!)
}

/** Those on which it reaches what it depends on; all of its own when it depends on nothing. */
async function neededNetworks(runtime: RuntimeInjector, target: string): Promise<string[]> {
  const workloads = await runtime.list()
  const networksOf = (name: string) => workloads.find((workload) => workload.name === name)?.networks ?? []
  const { depends_on } = await runtime.inspect(target)
  const others = new Set(depends_on.flatMap(networksOf))
  const own = networksOf(target)
  const shared = own.filter((network) => others.has(network))
  return shared.length > 0 ? shared : own
}
