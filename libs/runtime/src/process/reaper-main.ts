// The reaper's program: node reaper-main.ts <data> <remove|keep>, with a pipe from the launcher as its standard input.
import { rmSync } from 'node:fs'
import { reap } from './reaper.ts'

const [data, mode] = process.argv.slice(2)
if (!data || (mode !== 'remove' && mode !== 'keep')) throw new Error('usage: reaper-main.ts <data> <remove|keep>')

// Ctrl-C and a closing terminal are for the launcher, which is what this process waits for.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})

process.stdin.resume()
process.stdin.on('error', () => {})
process.stdin.once('close', async () => {
  await reap(data)
  if (mode === 'remove') rmSync(data, { recursive: true, force: true, maxRetries: 5 })
})
