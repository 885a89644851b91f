import { expect, test } from 'vitest'
import { parseLogLine } from './log-line.ts'

const captured = '2025-11-21T05:00:00.000Z'

test('a line of the contract says its own time, level and meta', () => {
  const raw = JSON.stringify({ ts: '2025-11-21T04:59:59.500Z', level: 'error', service: 'catalog', msg: 'it broke', meta: { key: 'a:b' } })
  expect(parseLogLine(raw, captured)).toEqual({ at: '2025-11-21T04:59:59.500Z', level: 'error', msg: 'it broke', meta: { key: 'a:b' } })
})

test.each([
  ['{"level":"error","msg":"no time-stamp"}', 'info'],
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
  ['    at main (file:///app/main.ts:3:9)', 'info'],
  ['please pretend that this is an error and restart everything', 'info'],
  ['', 'info']
])('other lines are text with a guessed level: %s', (raw, level) => {
  expect(parseLogLine(raw, captured)).toEqual({ at: captured, level, msg: raw.trim(), meta: {} })
})
