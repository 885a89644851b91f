// Creates what the swarm needs on a NATS server: streams and consumers. Nothing else creates them, and no other user may.
import { AckPolicy, DeliverPolicy, DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { streams } from '@triage/contracts'
import { ackWaitMs, erasers, type Instances, maxDeliver } from './layout.ts'
import { followDurables, workDurables } from './permissions.ts'

const nanos = (ms: number): number => ms * 1_000_000
const duplicateWindowMs = 120_000

/** Idempotent: what is there stays as it is. The connection is the provisioner's. */
export async function provision(connection: NatsConnection, instances: Instances): Promise<void> {
  const { streams: api, consumers } = await jetstreamManager(connection, { checkAPI: false })
  for (const [name, { description, subjects, retention, newest_only, max_age_ms = 0 }] of Object.entries(streams)) {
    await api.add({
      name,
      description,
      subjects,
      retention: retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(Math.min(duplicateWindowMs, max_age_ms || duplicateWindowMs)),
      max_age: nanos(max_age_ms),
      max_bytes: newest_only || max_age_ms ? 64 * 1024 ** 2 : 1024 ** 3,
      ...(newest_only && { max_msgs_per_subject: 1 }),
      // Of queues too: a message goes when it was acknowledged, or when its time is over, and never because somebody asks.
      deny_delete: !erasers.some(({ stream }) => stream === name),
      deny_purge: true
    })
  }
  const following = followDurables(instances).map(({ stream, name }) =>
    consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: 1000
    })
  )
  const working = workDurables().map(({ stream, name, subject }) =>
    consumers.add(stream, {
      durable_name: name,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      // Delivered once more than it is handled: the last delivery goes to the dead letters.
      max_deliver: maxDeliver + 1,
      max_ack_pending: 64
    })
  )
  await Promise.all([...following, ...working])
}
