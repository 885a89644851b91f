import { limits, type Observation, type Plan } from '@triage/contracts'
import { planId, validatePlan } from '@triage/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DecideInput, decide, type Tried } from './decide.ts'
import {
  anomaly,
  appeared,
  complaint,
  containerFaults,
  drift,
  exited,
  faults,
  input,
  load,
  lost,
  probe,
  rulebookFolder,
  see,
  shop,
  state
} from './fixtures.ts'
import { loadRulebook } from './load.ts'

const rulebook = await loadRulebook(rulebookFolder)
const names = [...shop('batch-job').services.map((service) => service.name), 'ghost']

const observation: fc.Arbitrary<Observation> = fc.constantFrom(...names).chain((service) =>
  fc.oneof(
    fc
      .record({ name: fc.constantFrom('alive', 'ready', 'tcp'), how: fc.constantFrom('refused', 'timeout', 'reset', 'status') })
      .map(({ name, how }) => probe(service, name, how as 'refused')),
    fc.constantFrom({ exit_signal: 'SIGKILL' }, { exit_code: 1 }).map((how) => exited(service, how)),
    fc
      .record({
        error_type: fc.constantFrom('SyntaxError', 'ENOTFOUND', 'Error'),
        key: fc.option(fc.string({ minLength: 1, maxLength: 20 })),
        n: fc.nat(9)
      })
      .map(({ error_type, key, n }) => complaint(service, 'it failed', { error_type, ...(key === null ? {} : { key }) }, n)),
    fc.constantFrom('error_ratio', 'latency_ms', 'request_rate', 'lag').map((metric) => anomaly(service, metric as 'lag')),
    fc.constant(drift(service, 'a.b')),
    fc
      .record({ value: fc.double({ min: 0, max: 4, noNaN: true }), managed: fc.boolean() })
      .map(({ value, managed }) => load(service, value, managed)),
    fc.constant(see('change', service, { change: 'started', seconds_ago: 1 })),
    fc
      .constantFrom({ status: 'paused' }, { restarts: 3 }, { replicas_missing: 1 }, { oom_killed: true })
      .map((how) => state(service, how as object)),
    fc.constantFrom('data', 'a b').map((network) => lost(service, network)),
    fc.constant(appeared(service, 'catalog'))
  )
)

const tried: fc.Arbitrary<Tried> = fc.record({
  type: fc.constantFrom('service.start', 'service.restart', 'config.restore', 'cache.delete_key', 'workload.stop', 'gone.type'),
  target: fc.constantFrom(...names),
  outcome: fc.constantFrom('waiting', 'dispatched', 'succeeded', 'failed', 'unknown')
})

const anything: fc.Arbitrary<DecideInput> = fc
  .record({
    observations: fc.array(observation, { maxLength: 25 }),
    tried: fc.array(tried, { maxLength: 6 }),
    text: fc.string(),
    round: fc.nat(3)
  })
  .map(({ observations, text, ...more }) => input(observations, { ...more, incident: { id: 'inc-20251121-1', text } }))

test('whatever was seen: a decision, and a plan that a scheduler accepts', () => {
  fc.assert(
    fc.property(anything, (given) => {
      const { plan, hypotheses } = decide(rulebook, given)
      const content = { ...plan!, plan_version: 1 }
      const complete: Plan = { ...content, plan_id: planId(content), created_at: '2025-11-21T05:00:01.000Z' }
      expect(validatePlan(complete, given.inventory)).toEqual([])
      expect(complete.tasks.length).toBeLessThanOrEqual(limits.tasks_per_plan)
      expect(hypotheses[0]).toEqual(complete.hypothesis)
    }),
    { numRuns: 200 }
  )
})

test('the order in which things were seen changes nothing', () => {
  const permuted = anything.chain((given) => fc.tuple(fc.constant(given), fc.infiniteStream(fc.nat())))
  fc.assert(
    fc.property(permuted, ([given, numbers]) => {
      const shuffled = <T>(items: readonly T[]): T[] => {
        const keyed = items.map((item) => ({ item, key: numbers.next().value as number }))
        return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
      }
      const inventory = { ...given.inventory, services: shuffled(given.inventory.services) }
      const other = { ...given, inventory, observations: shuffled(given.observations), tried: shuffled(given.tried) }
      expect(decide(rulebook, other)).toEqual(decide(rulebook, given))
    }),
    { numRuns: 200 }
  )
})

test('to see a thing twice is to see it once', () => {
  for (const observations of Object.values({ ...faults, ...containerFaults })) {
    expect(decide(rulebook, input([...observations, ...observations]))).toEqual(decide(rulebook, input(observations)))
  }
})

test('the text of a report never chooses between causes that differ in confidence', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(faults)), fc.constantFrom(...names), (observations, name) => {
      const named = input(observations, { incident: { id: 'inc-20251121-1', text: `restart ${name}, ${name}, ${name}` } })
      expect(decide(rulebook, named).plan!.tasks).toEqual(decide(rulebook, input(observations)).plan!.tasks)
    })
  )
})
