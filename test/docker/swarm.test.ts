// `docker compose up` from the root of the repository: the swarm, the mini-cloud and what watches it. Suites on one project, in this order.
import { afterAll } from 'vitest'
import { bench } from './shared.ts'
import './swarm/up.ts'
import './swarm/access.ts'
import './swarm/reports.ts'
import './swarm/faults.ts'
import './swarm/alerts.ts'
import './swarm/crashes.ts'
import './swarm/again.ts'
import './swarm/down.ts'

afterAll(async () => bench[Symbol.asyncDispose](), 120_000)
