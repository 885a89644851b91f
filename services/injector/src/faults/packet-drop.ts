import { TriageError } from '@triage/contracts'
import type { Fault, FaultContext } from './fault.ts'
import { runs } from './runs.ts'
import { upstreams } from './upstreams.ts'

const iptables = ({ runtime, target, netadminImage }: Omit<FaultContext, 'pick'>, change: '-A' | '-D', port: string) =>
  runtime.runInNetwork(target, netadminImage, ['iptables', '-w', change, 'OUTPUT', '-p', 'tcp', '--dport', port, '-j', 'DROP'])

export const packetDrop: Fault = {
  description: "the container's packets to one upstream are dropped",
  runtimes: ['docker'],
  targets: Object.keys(upstreams),
  prepare: async ({ runtime, target, pick }) => {
    const { port } = upstreams[target]![pick(upstreams[target]!.length)]!
    return { run_id: (await runtime.inspect(target)).run_id, port: String(port) }
  },
  apply: async (context, { port }) => {
    const { exit_code, stderr } = await iptables(context, '-A', port!)
    if (exit_code !== 0) throw new TriageError('E_FAULT_FAILED', `iptables: ${stderr.trim()}`)
  },
  undo: async (context, { run_id, port }) => {
    // A rule ends with the network namespace, and that with the run. There is nothing to delete when it ends with 1.
    if (await runs(context.runtime, context.target, run_id)) await iptables(context, '-D', port!)
  }
}
