// One process of the floor: takes messages off one subject and publishes as long ones on the next, and does nothing else.
// Arguments: address of the server, path of an nkey seed, then `from>to:bytes` for each hop.
import { Buffer } from 'node:buffer'
import { jetstream } from '@nats-io/jetstream'
import { connectNats } from '@triage/bus'

const [url, nkey, ...hops] = process.argv.slice(2)
const { connection } = await connectNats({ url: url!, user: 'root', nkey: nkey! })
const client = jetstream(connection)

async function relay(hop: string): Promise<void> {
  const [, from, to, bytes] = /^(\w+)>(\w+):(\d+)$/.exec(hop)!
  const body = Buffer.alloc(Number(bytes), 'x')
  const consumer = await client.consumers.get('FLOOR', from!)
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    await client.publish(`floor.${to}`, body, { msgID: `${to}:${message.seq}` })
    message.ack()
  }
}

await Promise.all(hops.map(relay))
