// JetStream as it is, for the floors. Everything else goes through @triage/bus; a floor that did would hide what that costs.
import { DiscardPolicy, type JetStreamClient, jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import type { connectNats } from '@triage/bus'

type Connection = Awaited<ReturnType<typeof connectNats>>['connection']

/** Creates a stream that keeps `<prefix>.*` with the settings of the product's append-only streams. */
export async function createStream(connection: Connection, name: string, prefix: string): Promise<JetStreamClient> {
  const manager = await jetstreamManager(connection)
  await manager.streams.add({
    name,
    subjects: [`${prefix}.*`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    duplicate_window: 120_000_000_000,
    max_bytes: 1024 ** 3,
    deny_delete: true,
    deny_purge: true
  })
  return jetstream(connection)
}
