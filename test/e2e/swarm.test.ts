// Suites on one running swarm, in this order: faults that are repaired, alerts, processes that are killed, input that is bad.
import { afterAll } from 'vitest'
import { bench } from './shared.ts'
import './faults.ts'
import './alerts.ts'
import './crashes.ts'
import './bad-input.ts'

afterAll(async () => bench[Symbol.asyncDispose]())
