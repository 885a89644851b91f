// Creates what the swarm needs on a NATS server: streams, consumers, buckets. Nothing else creates them.
import { AckPolicy, DeliverPolicy, DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { limits, type StreamName, streams } from '@triage/contracts'

/** Instance names of each role. */
export type Instances = Readonly<Record<string, readonly string[]>>

const nanos = (ms: number): number => ms * 1_000_000

export const buckets = { epochs: 'EPOCHS', leases: 'LEASES' } as const
export const leaseTtlMs = 5_000
/** How long a worker may be silent before its message goes to another. */
export const ackWaitMs = limits.heartbeat_lost_ms
/** A message that was delivered this often and never done is poison. */
export const maxDeliver = 5

/** Name of the durable consumer with which an instance follows a stream. Those that work off a queue share one, named after their role. */
export const consumerOf = (role: string, instance: string): string => `${role}-${instance}`

/** Which roles follow which stream. */
const followers: [StreamName, string[]][] = [
  ['INCIDENTS', ['gateway', 'planner', 'scheduler', 'log-agent', 'metric-agent', 'monitor', 'auditor']],
  ['EFFECTS', ['auditor']],
  ['RECORDS', ['auditor']],
  ['CHECKPOINTS', ['monitor']]
]
/** Who takes messages one at a time off which stream. Instances of one role share their consumer. */
const workers: { stream: StreamName; role: string; subject: string }[] = [
  { stream: 'INTAKE', role: 'gateway', subject: 'incident.report' },
  ...['log-agent', 'metric-agent', 'action-agent'].map((role) => ({ stream: 'TASKS' as const, role, subject: `task.${role}` }))
]

async function createStreams(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  for (const [name, stream] of Object.entries(streams)) {
    await jsm.streams.add({
      name,
      description: stream.description,
      subjects: stream.subjects,
      retention: stream.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(120_000),
      max_bytes: 1024 ** 3,
      deny_delete: stream.append_only === true,
      deny_purge: stream.append_only === true
    })
  }
}

async function createConsumers(nc: NatsConnection, instances: Instances): Promise<void> {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  const follow = followers.flatMap(([stream, roles]) =>
    roles.flatMap((role) => (instances[role] ?? []).map((instance) => ({ stream, name: consumerOf(role, instance) })))
  )
  const add = follow.map(({ stream, name }) =>
    jsm.consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: 1000
    })
  )
  const work = workers.map(({ stream, role, subject }) =>
    jsm.consumers.add(stream, {
      durable_name: role,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      // Delivered once more than it is handled: the last delivery goes to the dead letters.
      max_deliver: maxDeliver + 1,
      max_ack_pending: 64
    })
  )
  await Promise.all([...add, ...work])
}

/** Idempotent: what is there stays as it is. */
export async function provision(nc: NatsConnection, instances: Instances): Promise<void> {
  await createStreams(nc)
  await createConsumers(nc, instances)
  const kv = new Kvm(nc)
  await kv.create(buckets.epochs, { history: 1 })
  await kv.create(buckets.leases, { history: 1, ttl: leaseTtlMs })
}
