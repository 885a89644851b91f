import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { faults } from '@triage/injector'
import { loadRulebook } from '@triage/rulebook'
import { expect, test } from 'vitest'
import { findScenario, loadScenarios } from './scenario.ts'

const folder = join(import.meta.dirname, '..')
const scenarios = await loadScenarios()

test('every file is a scenario, and is named after its number and name', () => {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
  expect(scenarios.map(({ number, name }) => `${String(number).padStart(3, '0')}-${name}.yaml`)).toEqual(files)
})

test('numbers and names are unique', () => {
  for (const key of ['number', 'name'] as const) expect(new Set(scenarios.map((one) => one[key])).size).toBe(scenarios.length)
})

test('every fault of the injector is rehearsed on every runtime that it works on, aimed at what it may be aimed at', () => {
  const rehearsed = scenarios.flatMap(({ fault, runtimes }) => (fault ? runtimes.map((runtime) => ({ ...fault, runtime })) : []))
  for (const { name, target, runtime } of rehearsed) {
    expect([name, faults[name]?.targets]).toEqual([name, expect.arrayContaining([target])])
    expect([name, faults[name]?.runtimes]).toEqual([name, expect.arrayContaining([runtime])])
  }
  const missing = Object.entries(faults).flatMap(([name, { runtimes }]) =>
    runtimes
      .filter((runtime) => !rehearsed.some((one) => one.name === name && one.runtime === runtime))
      .map((runtime) => `${name} on ${runtime}`)
  )
  expect(missing).toEqual([])
})

test('a scenario says where it can be rehearsed, and is found there alone', async () => {
  for (const { name, runtimes } of scenarios) {
    expect([name, runtimes.length > 0, runtimes.every((one) => ['process', 'docker'].includes(one))]).toEqual([name, true, true])
  }
  expect((await findScenario('packet-drop', 'docker')).number).toBe(15)
  await expect(findScenario('packet-drop', 'process')).rejects.toMatchObject({ code: 'E_SCENARIO' })
})

test('every cause is one that the rulebook can name', async () => {
  const { rules, fallbacks } = await loadRulebook(join(folder, '../rulebook'))
  const causes = [...rules, ...Object.values(fallbacks)].map(({ cause }) => cause)
  for (const { name, hypothesis } of scenarios) expect([name, causes]).toEqual([name, expect.arrayContaining([hypothesis.cause])])
})

test('a fault leaves something to be cleared and something that may be done; without one nothing is to be touched', () => {
  for (const { name, fault, accepted, cleared, outcome, reports } of scenarios) {
    expect([name, accepted.length > 0, Object.keys(cleared).length > 0, outcome]).toEqual([
      name,
      fault !== undefined,
      fault !== undefined,
      fault ? 'recovered' : 'cancelled'
    ])
    expect([name, reports.length > 0]).toEqual([name, true])
  }
})

test('no report gives the answer away: none names the fault or the cause', () => {
  for (const { name, fault, hypothesis, reports } of scenarios)
    for (const secret of [fault?.name, hypothesis.cause])
      if (secret) expect([name, reports.join(' ').includes(secret)]).toEqual([name, false])
})

test('a scenario is found by name and by number; what is not there is an error that lists what there is', async () => {
  const [first] = scenarios
  expect(await findScenario(first!.name)).toEqual(first)
  expect(await findScenario(String(first!.number))).toEqual(first)
  await expect(findScenario('no-such')).rejects.toMatchObject({ code: 'E_SCENARIO', message: expect.stringContaining(first!.name) })
})
