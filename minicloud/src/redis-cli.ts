// A stand-in for redis-cli where only the server is installed: `redis-cli.ts <port> <command> [argument…]` prints the reply.
import { createClient } from 'redis'

const [port, ...command] = process.argv.slice(2)
const client = createClient({ socket: { host: '127.0.0.1', port: Number(port), reconnectStrategy: false } })
client.on('error', () => {}) // connect() rejects with the same error
try {
  await client.connect()
  const reply: unknown = await client.sendCommand(command)
  console.log(Array.isArray(reply) ? reply.join('\n') : String(reply ?? ''))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  if (client.isOpen) client.destroy()
}
