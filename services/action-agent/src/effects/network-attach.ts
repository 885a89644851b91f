import type { NetworkAttachArgs } from '@triage/contracts'
import { type Effect, type EffectContext, keyed } from './effect.ts'

const networkOf = ({ request }: EffectContext): string => (request.task.args as unknown as NetworkAttachArgs).network

export const isAttached = async (context: EffectContext): Promise<boolean> =>
  (await context.runtime.inspect(context.request.task.target)).networks?.includes(networkOf(context)) ?? false

export const networkAttach: Effect = {
  // Only where it was before: a plan cannot let a service into a network that its owner keeps it out of.
  precondition: async (context, { name, lost_networks = [] }) =>
    lost_networks.includes(networkOf(context)) ? null : `${name} has not lost the network ${networkOf(context)}`,
  undoData: async () => '',
  act: (context) => context.runtime.attachNetwork(context.request.task.target, networkOf(context), keyed(context.request)),
  undo: (context) => context.runtime.detachNetwork(context.request.task.target, networkOf(context)),
  tookPlace: async (context) => ((await isAttached(context)) ? 'yes' : 'no')
}
