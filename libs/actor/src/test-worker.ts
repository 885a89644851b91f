// A worker for the tests: takes a task, says so on standard output, and never finishes it.
import { createLog } from '@triage/log'
import { assemble } from './process.ts'
import { serveTasks } from './task-server.ts'

const [natsUrl = '', keys = '', nkey = ''] = process.argv.slice(2)
const actor = await assemble('log-agent', { natsUrl, keys, nkey, instance: '1' }, createLog('log-agent', '1', 'silent'))
await serveTasks(actor, ({ task }) => {
  process.stdout.write(`took ${task.task_id}\n`)
  return new Promise(() => {})
})
