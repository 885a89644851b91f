import { expect, test } from 'vitest'
import { parseLog } from './log-text.ts'

const start = Date.parse('2025-11-21T05:00:00.000Z')
/** Each line a hundredth of a second after the one before. */
const messages = (text: string) =>
  parseLog(text.split('\n').map((line, i) => ({ at: new Date(start + i * 10).toISOString(), line }))).map(({ level, msg }) => [level, msg])

test("a Java stack trace is one message with its first line's level", () => {
  const trace = `2025-11-21 05:00:00,000 ERROR [main] com.shop.Cart - cannot read
java.lang.IllegalStateException: no cart
\tat com.shop.Cart.read(Cart.java:12)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/java.net.Socket.connect(Socket.java:1)
\t... 12 more
2025-11-21 05:00:00,200 INFO  [main] com.shop.Cart - next`
  expect(messages(trace)).toEqual([
    ['error', '2025-11-21 05:00:00,000 ERROR [main] com.shop.Cart - cannot read'],
    ['error', expect.stringMatching(/^java.lang.IllegalStateException: no cart\n\tat .*\nCaused by: .*12 more$/s)],
    ['info', '2025-11-21 05:00:00,200 INFO  [main] com.shop.Cart - next']
  ])
})

test('Python names the error last', () => {
  const trace = `Traceback (most recent call last):
  File "/app/shop.py", line 3, in <module>
    raise ValueError("no cart")
ValueError: no cart
ready`
  expect(messages(trace)).toEqual([
    [
      'error',
      'ValueError: no cart\nTraceback (most recent call last):\n  File "/app/shop.py", line 3, in <module>\n    raise ValueError("no cart")'
    ],
    ['info', 'ready']
  ])
})

test('an error of Node with its object', () => {
  const trace = `TypeError: fetch failed
    at main (file:///app/main.ts:3:9) {
  code: 'ECONNREFUSED'
}
ready`
  expect(messages(trace).map(([level, msg]) => [level, msg!.split('\n').length])).toEqual([
    ['error', 4],
    ['info', 1]
  ])
})

test('lines of JSON stand alone, empty lines are left out, and what comes later is another message', () => {
  expect(messages('{"level":"error","msg":"a"}\n  {"level":"info","msg":"b"}\n\n')).toEqual([
    ['error', 'a'],
    ['info', 'b']
  ])
  const late = [
    { at: '2025-11-21T05:00:00.000Z', line: 'Error: a' },
    { at: '2025-11-21T05:00:09.000Z', line: '    indented, but much later' }
  ]
  expect(parseLog(late)).toHaveLength(2)
})

test('an indented complaint is one', () => {
  expect(messages('checks:\n  disk: ERROR: full')).toEqual([['error', 'checks:\n  disk: ERROR: full']])
})

test('a trace that never ends is cut', () => {
  const endless = Array.from({ length: 1000 }, (_, i) => ({ at: '2025-11-21T05:00:00.000Z', line: i === 0 ? 'Error: a' : '    at b' }))
  expect(parseLog(endless).length).toBe(10)
})
