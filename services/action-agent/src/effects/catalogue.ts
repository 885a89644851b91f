import type { ActionType } from '@triage/contracts'
import { cacheDeleteKey } from './cache-delete-key.ts'
import { configRestore } from './config-restore.ts'
import type { Effect } from './effect.ts'
import { networkAttach } from './network-attach.ts'
import { serviceRestart } from './service-restart.ts'
import { serviceStart } from './service-start.ts'
import { workloadStop } from './workload-stop.ts'

/** The effect of each action type that this agent carries out. A test holds it to the action catalogue. */
export const effects: Partial<Record<ActionType, Effect>> = {
  'service.start': serviceStart,
  'service.restart': serviceRestart,
  'config.restore': configRestore,
  'cache.delete_key': cacheDeleteKey,
  'network.attach': networkAttach,
  'workload.stop': workloadStop
}
