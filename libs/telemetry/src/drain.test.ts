import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Drain } from './drain.ts'

/** Templates after all messages were added, each with how many joined. */
function mine(messages: readonly string[], drain = new Drain()): Record<string, number> {
  for (const message of messages) drain.add(message)
  return Object.fromEntries(drain.clusters.map((cluster) => [cluster.template, cluster.size]))
}

test('the HDFS messages of the paper fall into its three events', () => {
  const mined = mine([
    'Receiving block blk_3587 src: /10.251.42.84:57069 dest: /10.251.42.84:50010',
    'Receiving block blk_5402 src: /10.251.31.85:34100 dest: /10.251.31.85:50010',
    'PacketResponder 0 for block blk_4003 terminating',
    'PacketResponder 1 for block blk_8821 terminating',
    'Received block blk_3587 of size 67108864 from /10.251.42.84',
    'Received block blk_5402 of size 67108864 from /10.251.31.85'
  ])
  expect(mined).toEqual({
    'Receiving block <*> src: /<addr> dest: /<addr>': 2,
    'PacketResponder <num> for block <*> terminating': 2,
    'Received block <*> of size <num> from /<addr>': 2
  })
})

test('the step by step example of the paper: a message joins the group whose tokens it shares', () => {
  // simSeq("Receive from node 4", "Receive from node 3") is 1 once numbers are masked; without a mask it is 3/4.
  expect(mine(['Receive from node_4', 'Receive from node_3'])).toEqual({ 'Receive from <*>': 2 })
  expect(mine(['Receive 120 bytes', 'Send 120 bytes'])).toEqual({ 'Receive <num> bytes': 1, 'Send <num> bytes': 1 })
})

test('the similarity threshold decides, and is met at equality', () => {
  // Depth 4 fixes two tokens; of five, two are equal: 2/5 = 0.4.
  const pair = ['job failed alpha beta gamma', 'job failed delta epsilon zeta']
  expect(mine(pair)).toEqual({ 'job failed <*> <*> <*>': 2 })
  expect(Object.keys(mine(pair, new Drain({ similarity: 0.41 })))).toHaveLength(2)
})

test('messages of different length or beginning never meet', () => {
  expect(Object.keys(mine(['a b c', 'a b c d', 'x b c', 'a x c']))).toHaveLength(4)
})

test('a node that is full sends what it does not know to the wildcard', () => {
  const words = Array.from({ length: 30 }, (_, i) => `verb${String.fromCharCode(97 + (i % 26))}${i >= 26 ? 'x' : ''} same tail of words`)
  // Two verbs get nodes of their own, the others share the wildcard's and become one template.
  expect(mine(words, new Drain({ maxChildren: 3 }))).toEqual({
    'verba same tail of words': 1,
    'verbb same tail of words': 1,
    '<*> same tail of words': 28
  })
})

test('variable parts are masked', () => {
  const drain = new Drain()
  const masked: [string, string][] = [
    ['GET /products/17 failed after 12.5ms', 'GET /products/<num> failed after <num>ms'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED <addr>'],
    ['cannot parse catalog:product:7', 'cannot parse <key>'],
    ['Unexpected token \'o\', "not {json}" is not valid JSON', 'Unexpected token <str>, <str> is not valid JSON'],
    ["it can't find user 'bob smith'", "it can't find user <str>"],
    ['request 8f14e45f-ceea-467f-9b1e-0d5a3d8f2c11 of deadbeef01 ended', 'request <uuid> of <hex> ended'],
    ['offset -3 at 0x1f', 'offset <num> at <hex>']
  ]
  for (const [message, template] of masked) expect(drain.add(message).template).toBe(template)
})

test('the least recently used cluster goes first, and comes back as a new one', () => {
  const drain = new Drain({ maxClusters: 2 })
  const first = drain.add('alpha one thing')
  drain.add('beta another')
  drain.add('alpha one thing')
  drain.add('gamma')
  expect(drain.clusters.map((cluster) => cluster.template)).toEqual(['alpha one thing', 'gamma'])
  expect(first.size).toBe(2)
  expect(drain.add('beta another').size).toBe(1)
})

test('whatever comes: bounded, every message joins one cluster that its tokens fit, and twice the same gives the same', () => {
  const message = fc
    .array(fc.constantFrom('get', 'put', 'fail', 'x1', '42', 'catalog:product:3', '"q w"'), { maxLength: 6 })
    .map((t) => t.join(' '))
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      const options = { maxClusters: 5, maxChildren: 3 }
      const drain = new Drain(options)
      for (const text of messages) {
        const { template } = drain.add(text)
        expect(template.split(' ').length).toBe(Math.max(1, text.replace('"q w"', 'q').replaceAll('"q w"', 'q').split(' ').length))
        expect(drain.clusters.length).toBeLessThanOrEqual(5)
      }
      expect(mine(messages, new Drain(options))).toEqual(mine(messages, new Drain(options)))
    })
  )
})
