import { type ActionType, actions, type Inventory, type InventoryService } from '@triage/contracts'
import type { Workload } from '@triage/runtime'

const permitted = (kind: InventoryService['kind']): ActionType[] =>
  (Object.keys(actions) as ActionType[]).filter((type) => actions[type].kinds.includes(kind))

function entry(workload: Workload): InventoryService {
  const { name, kind, managed, depends_on, probes, metrics_url, status, config_hash, baseline_config_hash, replicas, beside } = workload
  return {
    name,
    kind,
    managed,
    depends_on,
    probes,
    desired_replicas: managed ? (replicas?.desired ?? 1) : 0,
    status,
    actions: permitted(kind),
    ...(metrics_url && { metrics_url }),
    ...(beside && { beside }),
    ...(config_hash && { config_hash }),
    ...(baseline_config_hash && { baseline_config_hash })
  }
}

/** The inventory as the runtime shows it. */
export const inventoryOf = (runtime: Inventory['runtime'], workloads: readonly Workload[], at: number): Inventory => ({
  runtime,
  taken_at: new Date(at).toISOString(),
  services: workloads.map(entry)
})
