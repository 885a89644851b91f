import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { rulebookFolder } from './fixtures.ts'
import { loadRulebook, parseRulebook } from './load.ts'

const names = await readdir(rulebookFolder)
const texts: Record<string, string> = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, await readFile(join(rulebookFolder, name), 'utf8')]))
)

function complaintOf(files: Record<string, string>): string {
  try {
    parseRulebook(files)
  } catch (error) {
    expect(error).toBeInstanceOf(TriageError)
    expect((error as TriageError).code).toBe('E_RULEBOOK')
    return (error as TriageError).message
  }
  throw new Error('the rulebook was accepted')
}

type Json = { [key: string]: never }

/** What is said of the rulebook after its rule process-exited was changed. */
function changed(change: (rule: Json & Record<string, unknown[]>) => void): string {
  const content = parse(texts['10-process.yaml']!)
  change(content.rules[0])
  return complaintOf({ ...texts, '10-process.yaml': stringify(content) })
}

test('the rulebook of this repository knows every cause', async () => {
  const { rules, fallbacks } = await loadRulebook(rulebookFolder)
  expect([...rules, ...Object.values(fallbacks)].map((rule) => rule.cause).sort()).toEqual([
    'cache_poison',
    'config_drift',
    'config_drift',
    'connection_lost',
    'cpu_hog',
    'cpu_saturated',
    'network_detached',
    'no_fault',
    'process_exited',
    'process_exited',
    'process_hung',
    'process_paused',
    'undeclared_neighbour',
    'unknown'
  ])
})

test('the order of the files changes nothing', () => {
  expect(parseRulebook(Object.fromEntries(Object.entries(texts).reverse()))).toEqual(parseRulebook(texts))
})

test.each<[string, (rule: never) => void, RegExp]>([
  ['an unknown field', (rule: Json) => Object.assign(rule, { wehn: [] }), /^10-process\.yaml: rule process-exited: \/ .*wehn/],
  ['a missing field', (rule: Json) => Reflect.deleteProperty(rule, 'cause'), /process-exited: .*cause/],
  [
    'an unknown kind',
    (rule: { when: Json[] }) => Object.assign(rule.when[0]!, { kind: 'vibe' }),
    /process-exited: \/when\/0\/kind .*metric_anomaly/
  ],
  [
    'an unknown operator',
    (rule: { when: Json[] }) => Object.assign(rule.when[0]!, { where: { a: { gt: 1 } } }),
    /\/when\/0\/where\/a .*gt/
  ],
  [
    'a broken expression',
    (rule: { when: Json[] }) => Object.assign(rule.when[0]!, { where: { a: { matches: '(' } } }),
    /\/when\/0\/where\/a\/matches/
  ],
  ['a first clause elsewhere', (rule: { when: Json[] }) => Object.assign(rule.when[0]!, { on: 'any' }), /\/when\/0: the first clause/],
  [
    'an unknown action',
    (rule: { plan: Json[] }) => Object.assign(rule.plan[2]!, { type: 'host.reboot' }),
    /\/plan\/2\/type: there is no action host\.reboot/
  ],
  [
    'arguments that do not fit',
    (rule: { plan: Json[] }) => Object.assign(rule.plan[0]!, { args: { top_k: 0 } }),
    /\/plan\/0\/args: .*top_k/
  ],
  [
    'an action that expects nothing',
    (rule: { plan: Json[] }) => Reflect.deleteProperty(rule.plan[2]!, 'expect'),
    /\/plan\/2: an action says what/
  ],
  ['an unbound name', (rule: { plan: Json[] }) => Object.assign(rule.plan[0]!, { target: '$cache' }), /\/plan\/0: nothing binds \$cache/],
  ['an unbound name in a text', (rule: Json) => Object.assign(rule, { goal: 'Mend $it' }), /\/goal: nothing binds \$it/],
  [
    'a task after nothing',
    (rule: { plan: Json[] }) => Object.assign(rule.plan[3]!, { after: ['strat'] }),
    /\/plan\/3\/after: there is no task strat/
  ],
  [
    'a circle',
    (rule: { plan: Json[] }) => Object.assign(rule.plan[0]!, { after: ['check'] }),
    /\/plan: check → start → confirm-logs → check/
  ],
  ['an id twice', (rule: { plan: Json[] }) => Object.assign(rule.plan[3]!, { task_id: 'confirm-logs' }), /\/plan: the id confirm-logs/],
  [
    'two lists in a task',
    (rule: { plan: Json[] }) => Object.assign(rule.plan[0]!, { target: '$ill', args: { contains: '$mentioned' } }),
    /\/plan\/0: repeats over more/
  ]
])('refuses %s, and says where', (_, change, message) => {
  expect(changed(change as never)).toMatch(message)
})

test('refuses a fallback that acts, a rule twice, and a rulebook without health or fallbacks', () => {
  const acting = texts['90-fallback.yaml']!.replace(/probe\.check, target: \$mentioned, args: \{.*?\}/, 'service.start, target: $$ill')
  expect(complaintOf({ ...texts, '90-fallback.yaml': acting })).toMatch(/rule no-fault: \/plan\/0: (an action|a fallback)/)
  expect(complaintOf({ ...texts, 'copy.yaml': texts['20-config.yaml']! })).toMatch(/two rules are called config-drift/)
  for (const name of ['00-health.yaml', '90-fallback.yaml']) {
    const rest = Object.entries(texts).filter(([file]) => file !== name)
    expect(complaintOf(Object.fromEntries(rest))).toMatch(/exactly one is needed, there are 0/)
  }
})

test('refuses what is not YAML, and a folder that is not there', async () => {
  expect(complaintOf({ 'bad.yaml': 'rules: [' })).toMatch(/^bad\.yaml: /)
  await expect(loadRulebook(join(rulebookFolder, 'nowhere'))).rejects.toMatchObject({ code: 'E_RULEBOOK' })
})
