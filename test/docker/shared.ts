// One swarm in containers for all suites of a file: starting it is most of what a small suite would take.
import { startComposeSwarm } from './compose-swarm.ts'

export const bench = await startComposeSwarm(`triage-test-${process.pid}`)
