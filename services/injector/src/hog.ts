// Keeps as many shells as the last argument says busy until it is ended. Each is a session of its own, as jobs of a batch system are, so that the
// scheduler gives each its share. Shells, because a hundred of them fit where a dozen Node processes would not.
import { spawn } from 'node:child_process'

/** Counts for ever; now and then it looks whether the process `$0` is still there, and ends when it is gone. */
const burn = 'while kill -0 "$0"; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done'

const children = Array.from({ length: Number(process.argv.at(-1)) }, () =>
  spawn('sh', ['-c', burn, String(process.pid)], { detached: true, stdio: 'ignore' })
)
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill('SIGKILL')
    process.exit()
  })
}
