import { TriageError } from '@triage/contracts'
import { type Fault, type FaultContext, services, stores } from './fault.ts'
import { runs } from './runs.ts'

/** What arrives from elsewhere; a health check inside goes on. */
const rule = ['INPUT', '!', '-i', 'lo', '-j', 'DROP']

const iptables = ({ runtime, target, netadminImage }: Omit<FaultContext, 'pick'>, change: string) =>
  runtime.runInNetwork(target, netadminImage, ['iptables', '-w', change, ...rule])

export const packetDrop: Fault = {
  description: 'every packet to the container is dropped',
  runtimes: ['docker'],
  targets: [...services, ...stores],
  prepare: async ({ runtime, target }) => ({ run_id: (await runtime.inspect(target)).run_id }),
  apply: async (context) => {
    const { exit_code, stderr } = await iptables(context, '-A')
    if (exit_code !== 0) throw new TriageError('E_FAULT_FAILED', `iptables: ${stderr.trim()}`)
  },
  undo: async (context, { run_id }) => {
    // A rule ends with the network namespace, and that with the run. There is nothing to delete when it ends with 1.
    if (await runs(context.runtime, context.target, run_id)) await iptables(context, '-D')
  }
}
