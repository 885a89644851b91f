import { type ActionType, actions, isActionType, roles, validArgs } from '@triage/contracts'
import { expect, test } from 'vitest'
import { effects } from '../../services/action-agent/src/effects/catalogue.ts'
import { find, foldersIn, read, readJson } from './files.ts'

const types = Object.keys(actions) as ActionType[]
const catalogue = readJson<Record<ActionType, { args: { required: string[] } }>>('contracts/actions.json')

test('the agent of every type is a role and a service', () => {
  const services = foldersIn('services')
  for (const type of types) {
    const { agent } = actions[type]
    expect([type, agent, roles.includes(agent), services.includes(agent)]).toEqual([type, agent, true, true])
  }
})

test('every type of the action agent has its effect, and every effect its type', () => {
  expect(Object.keys(effects).sort()).toEqual(types.filter((type) => actions[type].agent === 'action-agent').sort())
})

test('what reads is never the action agent, and what changes the world always is', () => {
  for (const type of types) expect([type, actions[type].agent === 'action-agent']).toEqual([type, actions[type].risk !== 'read'])
})

test('what can be undone has an undo that is named, and the other way round', () => {
  for (const type of Object.keys(effects) as ActionType[])
    expect([type, effects[type]!.undo !== null]).toEqual([type, actions[type].undo !== 'none'])
})

test('a type takes no arguments at all, or says which it must have; what it does not know it refuses', () => {
  for (const type of types) {
    expect([type, validArgs(type, {}) === null]).toEqual([type, catalogue[type].args.required.length === 0])
    expect([type, validArgs(type, { no_such_argument: 1 })]).not.toEqual([type, null])
  }
})

test('rules use catalogued types only', () => {
  const used = find('rulebook/*.yaml').flatMap((path) => [...read(path).matchAll(/\btype: ([\w.]+)/g)].map(([, type]) => type!))
  expect(used.length).toBeGreaterThan(0)
  expect(used.filter((type) => !isActionType(type))).toEqual([])
})

test('the reference lists exactly the types of the catalogue, in its order', () => {
  const listed = [...read('docs/reference/actions.md').matchAll(/^\| `([\w.]+)` \|/gm)].map(([, type]) => type)
  expect(listed).toEqual(types)
})
