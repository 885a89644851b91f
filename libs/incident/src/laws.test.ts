// What holds whatever happens to an incident.
import { limits } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold, type IncidentState, initialState, schedule } from './incident.ts'
import { act, id, look, plan, question, World } from './test-world.ts'

/** Any story: facts that come in any order, doubled, late, about plans that never were. */
const stories = fc
  .array(
    fc.constantFrom<(world: World) => unknown>(
      (w) => w.observe(),
      (w) => w.propose(plan([look('a'), act('b', ['a'])], (w.state.plans.at(-1)?.plan.plan_version ?? 0) + 1)),
      (w) => w.propose(plan([look('z')], 1, 'stale'), 'other', 0),
      (w) => w.run(),
      (w) => w.wait(700),
      (w) => w.wait(16_000),
      (w) => w.state.plans.length > 0 && w.finish('a'),
      (w) => w.state.plans.length > 0 && w.state.plans.at(-1)!.tasks.b && w.finish('b', 'failed'),
      (w) => w.state.plans.at(-1)?.finished && w.deviate(),
      (w) => w.state.plans.length > 0 && w.ask('b'),
      (w) => w.state.plans.length > 0 && w.grant('b'),
      (w) => w.state.plans.length > 0 && w.deny('b'),
      (w) => w.state.plans.length > 0 && w.lapse('b'),
      (w) => w.state.plans.length > 0 && w.end(),
      (w) => w.state.plans.length > 0 && w.change('b'),
      (w) => w.propose(question((w.state.plans.at(-1)?.plan.plan_version ?? 0) + 1)),
      (w) => w.state.question && w.answer('no'),
      (w) => w.wait(limits.question_ms),
      (w) => w.wait(limits.approval_ms)
    ),
    { maxLength: 60 }
  )
  .map((story) => {
    const world = new World().open()
    for (const step of story) step(world)
    return world
  })

/** Each time that tasks were handed out, with what the incident was just before. */
function* handedOut({ facts }: World): Generator<{ state: IncidentState; tasks: readonly { task_id: string }[] }> {
  let state = initialState(id)
  for (const fact of facts) {
    if (fact.type === 'incident.tasks-dispatched.v1') yield { state, tasks: fact.payload.tasks }
    state = fold(state, fact)
  }
}

test('law: the fold counts a fact once, the same facts give the same decisions, and the scheduler comes to rest', () => {
  fc.assert(
    fc.property(stories, (world) => {
      world.run()
      const again = world.facts.flatMap((fact) => [fact, fact]).reduce(fold, initialState(id))
      expect({ ...again, seen: [...again.seen] }).toEqual({ ...world.state, seen: [...world.state.seen] })
      expect(schedule(again, world.now)).toEqual(schedule(world.state, world.now))
      expect(schedule(world.state, world.now).say).toEqual([])
    })
  )
})

test('law: a task is only handed out when all it depends on succeeded, and versions only rise', () => {
  fc.assert(
    fc.property(stories, (world) => {
      for (const { state, tasks } of handedOut(world)) {
        const run = state.plans.at(-1)!
        for (const { task_id } of tasks) {
          const { dependencies } = run.plan.tasks.find((task) => task.task_id === task_id)!
          for (const name of dependencies) expect(run.tasks[name]!.status).toBe('succeeded')
        }
      }
      const versions = world.state.plans.map((run) => run.plan.plan_version)
      expect(versions).toEqual(versions.toSorted((a, b) => a - b))
      expect(new Set(versions).size).toBe(versions.length)
      // A human may want another plan as often as they like, and is asked once.
      const byHumans = world.facts.filter((fact) => fact.type === 'incident.replan-requested.v1' && fact.payload.reason === 'human_change')
      expect(world.state.round).toBeLessThanOrEqual(limits.replans + byHumans.length + (world.state.question ? 1 : 0))
    })
  )
})

test('law: what lapsed is never handed out again, nor is anything after the end', () => {
  fc.assert(
    fc.property(stories, (world) => {
      for (const { state, tasks } of handedOut(world)) {
        expect(state.end).toBeNull()
        for (const { task_id } of tasks) expect(state.plans.at(-1)!.tasks[task_id]!.asked?.answer).not.toBe('lapsed')
      }
    })
  )
})
