import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionType, actions } from '@triage/contracts'
import { afterAll, expect, test } from 'vitest'
import { loadPolicies, PolicyEngine, type Question, runTables } from './policy.ts'
import { questionOf } from './table.ts'

const shipped = join(import.meta.dirname, '../../../policies')
const folder = mkdtempSync(join(tmpdir(), 'triage-policies-'))
afterAll(() => rmSync(folder, { recursive: true }))
let folders = 0

/** A folder of policies with these files. */
function written(files: Record<string, string>): string {
  const path = join(folder, String(++folders))
  mkdirSync(path)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}
const invalid = (message: RegExp) => expect.objectContaining({ code: 'E_POLICY_INVALID', message: expect.stringMatching(message) })
const everything = '@id("all") @why("a test")\npermit (principal, action, resource);\n'
const question = (context: Partial<Question['context']> = {}, action: ActionType = 'service.restart'): Question =>
  questionOf({ action, context })

test('the shipped policies are valid and decide as their table says', () => {
  const results = runTables(shipped, loadPolicies(shipped))
  expect(results.length).toBeGreaterThan(20)
  expect(results.filter(({ ok }) => !ok)).toEqual([])
})

test('every action of the catalogue is permitted by the shipped policies under no worse than usual circumstances', () => {
  const engine = loadPolicies(shipped)
  for (const action of Object.keys(actions) as ActionType[])
    expect([action, engine.decide(question({}, action)).verdict]).toEqual([action, 'permit'])
})

test.each([
  ['a syntax error', 'permit (principal, action, resource)\nwhen { context.approved }\n\npermit', /^a\.cedar:4: /],
  [
    'an unknown action',
    '// first\n@id("a") @why("b")\nforbid (principal, action == Action::"service.nuke", resource);',
    /^a\.cedar:3: .*service\.nuke/
  ],
  [
    'an unknown circumstance',
    '@id("a") @why("b")\npermit (principal, action, resource)\nwhen { context.weekend };',
    /^a\.cedar:3: .*weekend/
  ],
  ['a number for a word', '@id("a") @why("b")\npermit (principal, action, resource)\n// “°”\nwhen { context.mode == 3 };', /^a\.cedar:4: /],
  ['no name', '\n@why("b")\npermit (principal, action, resource);', /^a\.cedar:2: .*@id/],
  ['no reason', '@id("a")\npermit (principal, action, resource);', /^a\.cedar:1: a .*@why/],
  ['two of one name', `${everything}${everything}`, /two policies are called all/],
  ['nothing', '// nothing', /no policy/]
])('%s stops the start and is named with its line', (_, text, message) => {
  expect(() => loadPolicies(written({ 'a.cedar': text }))).toThrow(invalid(message))
})

test('a folder that is not there stops the start', () => {
  expect(() => loadPolicies(join(folder, 'absent'))).toThrow(expect.objectContaining({ code: 'E_POLICY_INVALID' }))
})

test('what no policy permits is forbidden', () => {
  const engine = loadPolicies(written({ 'a.cedar': '@id("read") @why("a test")\npermit (principal, action in Action::"read", resource);' }))
  expect(engine.decide(question())).toEqual({ verdict: 'forbid', policies: [], why: 'no policy permits it' })
  expect(engine.decide(question({}, 'logs.query'))).toEqual({ verdict: 'permit', policies: ['read'], why: 'a test' })
})

test('what only an approval would permit needs one, and the policies that ask for it are named', () => {
  const ask = '@id("ask") @why("it is late") forbid (principal, action, resource) unless { context.approved };'
  const engine = loadPolicies(written({ 'a.cedar': everything, 'b.cedar': ask }))
  expect(engine.decide(question())).toEqual({ verdict: 'needs_approval', policies: ['ask'], why: 'it is late' })
  expect(engine.decide(question({ approved: true }))).toMatchObject({ verdict: 'permit', policies: ['all'] })
})

test('policies that permit everything cannot permit a change in mode observe or in safe mode', () => {
  const engine = loadPolicies(written({ 'a.cedar': everything }))
  for (const stopped of [{ mode: 'observe' }, { safe_mode: true }] as const) {
    expect(engine.decide(question({ ...stopped, approved: true }))).toMatchObject({ verdict: 'forbid', policies: [] })
    expect(engine.decide(question(stopped, 'logs.query'))).toMatchObject({ verdict: 'permit' })
  }
})

test('a policy that fails to judge does not stand aside', () => {
  const overflow = '@id("sum") @why("x") forbid (principal, action, resource) when { context.actions_last_hour * 9223372036854775807 > 5 };'
  const engine = loadPolicies(written({ 'a.cedar': everything, 'b.cedar': overflow }))
  expect(engine.decide(question())).toMatchObject({ verdict: 'permit' })
  expect(engine.decide(question({ actions_last_hour: 2 }))).toMatchObject({ verdict: 'forbid', why: expect.stringContaining('sum') })
})

test('circumstances that do not fit the schema are forbidden, not guessed', () => {
  const engine = new PolicyEngine([{ id: 'all', why: 'a test', text: everything }])
  expect(engine.decide(question({ replicas_left: 'many' as never })).verdict).toBe('forbid')
  expect(engine.decide({ ...question(), action: 'service.nuke' as never }).verdict).toBe('forbid')
})

test('a table that is not met says so; one that cannot be read is an error', () => {
  const table = [{ name: 'no', action: 'service.start', expect: 'forbid' }]
  const path = written({ 'a.cedar': everything, 'a.test.json': JSON.stringify(table) })
  expect(runTables(path, loadPolicies(path))).toMatchObject([{ name: 'no', ok: false, decision: { verdict: 'permit' } }])
  for (const text of ['[', '[{"name":"x","action":"service.nuke","expect":"permit"}]']) {
    writeFileSync(join(path, 'a.test.json'), text)
    expect(() => runTables(path, loadPolicies(path))).toThrow(expect.objectContaining({ code: 'E_POLICY_TEST' }))
  }
})
