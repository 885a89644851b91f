// One swarm for all suites that only need one to be there: starting it is most of what a small suite would take.
import { startBench } from '../support/swarm.ts'

export const bench = await startBench()
