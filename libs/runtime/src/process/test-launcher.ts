// For tests: a launcher to be killed. node test-launcher.ts <data> <remove|keep>; prints the pids of its reaper and of its processes.
import { ProcessHost } from './host.ts'
import { processTree } from './process-table.ts'
import { type ReaperMode, startReaper } from './reaper.ts'
import { node, spec } from './test-environment.ts'

const [data = '', mode] = process.argv.slice(2)
const child = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true })`
const ignore = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`

const reaper = startReaper(data, mode as ReaperMode)
const host = new ProcessHost(data, [spec('polite', node('setInterval(() => {}, 1000)')), spec('family', node(`${child}; ${ignore}`))])
await host.startAll()
const poll = setInterval(() => {
  const pids = host.list().flatMap(({ pid }) => processTree(pid!).map((row) => row.pid))
  if (pids.length < 3) return
  clearInterval(poll)
  console.log(JSON.stringify({ reaper: reaper.pid, pids }))
}, 25)
