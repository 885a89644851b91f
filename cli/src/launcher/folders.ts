import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a swarm keeps what outlives it: messages, keys, logs. */
export const dataPaths = (data: string) => ({
  nats: join(data, 'nats'),
  keys: join(data, 'keys.json'),
  logs: join(data, 'logs'),
  undo: join(data, 'undo'),
  journal: join(data, 'injections')
})

export async function makeDataFolder(data: string): Promise<void> {
  for (const folder of [data, join(data, 'nats'), join(data, 'logs'), join(data, 'undo')])
    await mkdir(folder, { recursive: true, mode: 0o700 })
}
