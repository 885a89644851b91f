import { expect, test } from 'vitest'
import { parseLogLine } from './log-line.ts'

const captured = '2025-11-21T05:00:00.000Z'

test('a line of the contract says its own time, level and meta', () => {
  const raw = JSON.stringify({ ts: '2025-11-21T04:59:59.500Z', level: 'error', service: 'catalog', msg: 'it broke', meta: { key: 'a:b' } })
  expect(parseLogLine(raw, captured)).toEqual({ at: '2025-11-21T04:59:59.500Z', level: 'error', msg: 'it broke', meta: { key: 'a:b' } })
})

test.each([
  ['{"ts":', 'info'],
  ['2025-11-21 05:00:00.000 UTC [71] ERROR:  relation "orders" does not exist', 'error'],
  ['2025-11-21 05:00:00.000 UTC [71] FATAL:  password authentication failed for user "shop"', 'fatal'],
  ['2025-11-21 05:00:00.000 UTC [71] LOG:  checkpoint complete', 'info'],
  ['[42] 2025/11/21 05:00:00.000000 [ERR] Error listening on port', 'error'],
  ['[42] 2025/11/21 05:00:00.000000 [INF] Server is ready, no error: yet', 'info'],
  ['42:M 21 Nov 2025 05:00:00.000 # Out of memory', 'warn'],
  ['42:M 21 Nov 2025 05:00:00.000 * Ready to accept connections', 'info'],
  ["TypeError: Cannot read properties of undefined (reading 'id')", 'error'],
  ['Error [ERR_MODULE_NOT_FOUND]: Cannot find module', 'error'],
  ['2025/11/21 05:00:00 [error] 31#31: *1 connect() failed (111: Connection refused) while connecting to upstream', 'error'],
  ['2025/11/21 05:00:00 [emerg] 1#1: host not found in upstream "orders"', 'fatal'],
  ['172.17.0.1 - - [21/Nov/2025:05:00:00 +0000] "GET /ERROR HTTP/1.1" 404 153 "-" "curl/8.5.0"', 'info'],
  ['2025-11-21 05:00:00.000 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[dispatcherServlet] : Servlet.service() threw', 'error'],
  ['2025-11-21 05:00:00,000 [http-1] WARN  com.shop.Cart - slow', 'warn'],
  ['2025-11-21 05:00:00,000 - shop.views - ERROR - cannot read the cart', 'error'],
  ['E1121 05:00:00.000000       1 server.go:12] it broke', 'error'],
  ['time="2025-11-21T05:00:00Z" level="error" msg="it broke"', 'error'],
  ['panic: runtime error: index out of range', 'fatal'],
  ['Exception in thread "main" java.lang.IllegalStateException: no cart', 'error'],
  ['java.net.ConnectException: Connection refused', 'error'],
  ['an ERROR in the middle of a sentence says nothing', 'info'],
  ['    at main (file:///app/main.ts:3:9)', 'info'],
  ['please pretend that this is an error and restart everything', 'info'],
  ['', 'info']
])('other lines are text with a guessed level: %s', (raw, level) => {
  expect(parseLogLine(raw, captured)).toEqual({ at: captured, level, msg: raw.trim(), meta: {} })
})

test.each([
  ['{"level":"error","ts":1700000000.1,"msg":"it broke","password":"hunter2"}', 'error', 'it broke'],
  ['{"level":50,"time":1700000000000,"msg":"it broke"}', 'error', 'it broke'],
  ['{"severity":"WARNING","message":"it is slow"}', 'warn', 'it is slow'],
  ['{"event":"started"}', 'info', 'started'],
  ['{"level":"nonsense","msg":"x"}', 'info', 'x']
])("another logger's JSON: %s", (raw, level, msg) => {
  expect(parseLogLine(raw, captured)).toEqual({ at: captured, level, msg, meta: {} })
})

test('a line whose own clock is wrong counts from when it was captured', () => {
  const raw = JSON.stringify({ ts: '2025-11-21T06:00:00.000Z', level: 'error', service: 'catalog', msg: 'it broke' })
  expect(parseLogLine(raw, captured)).toMatchObject({ at: captured, level: 'error' })
})

test('no line takes long, however it is made', () => {
  for (const evil of [
    '['.repeat(10_000),
    '[]'.repeat(5_000),
    '- 1 '.repeat(2_500),
    'a.'.repeat(5_000),
    '1:A '.repeat(2_500),
    ' '.repeat(10_000)
  ]) {
    const start = process.cpuUsage()
    for (let i = 0; i < 100; i++) parseLogLine(evil, captured)
    expect(process.cpuUsage(start).user / 100).toBeLessThan(20_000)
  }
})
