import fc from 'fast-check'
import { expect, test } from 'vitest'
import { repairForm } from './form.ts'

const answer = {
  hypothesis: { service: 'orders', cause: 'process_exited', confidence: 'high', evidence: ['E1'], statement: 'it "ended", so {it} says' },
  decision: 'act',
  question: '',
  tasks: [{ id: 't1', type: 'service.start', target: 'orders', after: [] }]
}
const json = JSON.stringify(answer, null, 2)
const start = { type: 'service.start', target: 'orders', args: {} }

test.each([
  ['as it is', json, []],
  ['in a fence', `\`\`\`json\n${json}\n\`\`\``, ['code fence taken off']],
  ['in prose', `Sure! Here is [my] plan:\n${json}\nLet me know if it helps {or not}.`, ['text around it taken off']],
  ['after thinking', `<think>maybe {"tasks": []}?</think>\n${json}`, ['thinking taken out']],
  ['after thinking that the template began', `no: {"tasks": []}</think>${json}`, ['thinking taken out']],
  ['with trailing commas', json.replace('[]\n', '[],\n').replace(/\}\s*\]/, '},]'), ['trailing commas taken out']],
  ['said twice', `${json}\n\n${json}`, ['text around it taken off']]
])('an answer %s comes back', (_, text, repairs) => {
  expect(repairForm(text)).toEqual({ object: answer, repairs, trouble: null })
})

const made = ['calls or bare tasks made into tasks']
test.each([
  ['OpenAI', { id: 'x', type: 'function', function: { name: 'service.start', arguments: '{"target":"orders"}' } }],
  ['OpenAI message', { role: 'assistant', tool_calls: [{ function: { name: 'service.start', arguments: '{"target":"orders"}' } }] }],
  ['Ollama', { function: { name: 'service.start', arguments: { target: 'orders' } } }],
  ['Llama', { name: 'service.start', parameters: { service: 'orders' } }],
  ['LangChain', { action: 'service.start', action_input: { target: 'orders' } }],
  ['a list', [{ name: 'service.start', arguments: { target: 'orders' } }]]
])('a call becomes a task: %s', (_, call) => {
  expect(repairForm(JSON.stringify(call))).toEqual({ object: { tasks: [start] }, repairs: made, trouble: null })
})

test('a call that brings the whole answer is taken off it', () => {
  const call = { name: 'submit_plan', arguments: answer }
  const repairs = ['the call around it taken off']
  expect(repairForm(JSON.stringify(call))).toEqual({ object: answer, repairs, trouble: null })
  const message = { tool_calls: [{ function: { name: 'submit_plan', arguments: json } }] }
  expect(repairForm(JSON.stringify(message))).toEqual({ object: answer, repairs, trouble: null })
  const looks = { name: 'logs.query', arguments: { target: 'orders' } }
  expect(repairForm(JSON.stringify(looks) + JSON.stringify(call)).object).not.toMatchObject({ decision: 'act' })
  const twice = { tool_calls: [call, { ...call, arguments: { ...answer, tasks: [] } }] }
  expect(repairForm(JSON.stringify(twice)).object).not.toMatchObject({ decision: 'act' })
})

test('words on both sides of an object do not become one word', () => {
  expect(repairForm('Action: a.b{}target').object).toMatchObject({ tasks: [{ type: 'a.b' }] })
})

test('a bare list of tasks, a bare task, tagged calls, and an action in words become tasks', () => {
  const task = { id: 't1', type: 'logs.query', target: 'orders', after: [] }
  expect(repairForm(JSON.stringify([task, task])).object).toEqual({ tasks: [task, task] })
  expect(repairForm(JSON.stringify(task)).object).toEqual({ tasks: [task] })
  const call = '<tool_call>\n{"name": "service.start", "arguments": {"target": "orders"}}\n</tool_call>'
  expect(repairForm(call)).toEqual({ object: { tasks: [start] }, repairs: ['text around it taken off', ...made], trouble: null })
  expect(repairForm(`${call}\n${call}`).object).toEqual({ tasks: [start, start] })
  for (const words of ['Action: service.start\nTarget: orders', '**Action:** service.start\nAction Input: {"target": "orders"}'])
    expect(repairForm(words)).toEqual({ object: { tasks: [start] }, repairs: ['an action in words made into a task'], trouble: null })
})

test.each([
  ['cut off', json.slice(0, -20), /cut off/],
  ['cut off in a fence', `\`\`\`json\n${json.slice(0, -9)}\n\`\`\``, /cut off/],
  ['cut off in thinking', '<think>I could restart', /no JSON object/],
  ['two answers that differ', `${json} or rather ${JSON.stringify({ ...answer, tasks: [] })}`, /more than one answer/],
  ['doubled keys', '{"tasks": [{"type": "service.start", "target": "orders"}], "tasks": []}', /doubled/],
  ['a forbidden key', '{"tasks": [], "__proto__": {"admin": true}}', /forbidden/],
  ['single quotes', "{'tasks': [{'type': 'service.start', 'target': 'orders'}]}", /not JSON/],
  ['a missing comma', '{"hypothesis": {} "tasks": [{"type": "service.start", "target": "orders"}]}', /not JSON/],
  ['a refusal', 'I am sorry, I cannot help with that.', /no JSON object/],
  ['nothing', '', /no JSON object/],
  ['a number', '42', /no JSON object/],
  ['a list of numbers', '[1, 2]', /list/],
  ['two actions in words', 'Action: service.start\nTarget: a\nAction: service.restart', /no JSON object/],
  ['deep nesting', '['.repeat(100_000) + ']'.repeat(100_000), /nested/],
  ['too much', ' '.repeat(10 * 1024 ** 2) + json, /longer than 256 KiB/]
])('what is not one object is none: %s', (_, text, trouble) => {
  expect(repairForm(text)).toEqual({ object: null, repairs: expect.any(Array), trouble: expect.stringMatching(trouble) })
})

/** Text that holds no bracket: prose. */
const prose = fc.string({ maxLength: 80 }).map((text) => text.replace(/[[\]{}]|<\/think>/g, ''))
const object = fc.dictionary(
  fc.string({ maxLength: 8 }).filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)),
  fc.jsonValue({ maxDepth: 3 })
)
const clean = (value: unknown): boolean => !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(value))

test('law: an answer comes back equal from any wrapping, and what was done is said', () => {
  const wrapping = fc.constantFrom<[string, string]>(
    ['', ''],
    ['```json\n', '\n```'],
    ['```\n', '```'],
    ['<think>hm</think>', ''],
    ['\uFEFF', ' ']
  )
  fc.assert(
    fc.property(object.filter(clean), prose, prose, wrapping, fc.boolean(), (fields, before, after, [opens, closes], pretty) => {
      const value = JSON.parse(JSON.stringify({ ...fields, decision: 'act' }))
      const text = `${before}${opens}${JSON.stringify(value, null, pretty ? 2 : 0)}${closes}${after}`
      const { object, repairs } = repairForm(text)
      expect(object).toEqual(value)
      expect(repairs.length > 0).toBe(
        text.trim() !== JSON.stringify(value, null, pretty ? 2 : 0) && object !== null && `${before}${opens}${closes}${after}`.trim() !== ''
      )
    })
  )
})

test('law: a trailing comma changes nothing, and nothing else is completed', () => {
  fc.assert(
    fc.property(object.filter(clean), (fields) => {
      const value = JSON.parse(JSON.stringify({ ...fields, tasks: [1] }))
      const text = JSON.stringify(value)
      expect(repairForm(`${text.slice(0, -1)} ,\n}`).object).toEqual(value)
      for (const cut of [1, 2, 3]) expect(repairForm(text.slice(0, -cut)).object).toBeNull()
    })
  )
})

/** Every text and number in a value. */
const leaves = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [String(value)]

test('law: it never throws, and every value that comes out stood in the text', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    "'",
    '`',
    ' ',
    '\n',
    'name',
    'arguments',
    'target',
    'type',
    '"a"',
    '"b.c"',
    '{"type":"x.y","target":"z"}',
    'Action: a.b',
    '</think>',
    'null',
    '1',
    '"tasks":[',
    '__proto__'
  )
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
      (text) => {
        const { object, trouble } = repairForm(text)
        expect(object === null).toBe(trouble !== null)
        for (const leaf of leaves(object ?? {})) expect(text).toContain(leaf)
      }
    ),
    { numRuns: 3000 }
  )
})

test.each(['{', '[', '"', '\\"', '{"a":', '[{', '{}', '[],', ',', ', ', '{"a":"\\"', 'Action: a.b\n', '</think>', '`', '"\\'])(
  'time grows with the length alone: %s again and again',
  (piece) => {
    const text = piece.repeat(Math.floor((256 * 1024) / piece.length))
    const began = performance.now()
    repairForm(text)
    repairForm(`{${text}`)
    // Quadratic would be minutes.
    expect(performance.now() - began).toBeLessThan(5_000)
  }
)
