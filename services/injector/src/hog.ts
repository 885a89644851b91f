// Keeps `argv[2]` processors' worth of processes busy until it is ended. Each is a session of its own, as jobs of a batch
// system are, so that the scheduler gives each its share.
import { fork } from 'node:child_process'

const burstMs = 20

function burn(): void {
  const end = performance.now() + burstMs
  while (performance.now() < end);
  setImmediate(burn)
}

if (process.argv[2] === 'burn') {
  // The parent is gone: so is this.
  process.on('disconnect', () => process.exit())
  burn()
} else {
  const children = Array.from({ length: Number(process.argv[2] ?? 2) }, () =>
    fork(import.meta.filename, ['burn'], { detached: true, execArgv: ['--max-old-space-size=16'] })
  )
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      for (const child of children) child.kill('SIGKILL')
      process.exit()
    })
  }
}
