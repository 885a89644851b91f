import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExposition } from './exposition.ts'

test('the example of the format description', () => {
  const text = `
# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045
rpc_duration_seconds{quantile="0.01",} 3102
not_there NaN
`
  expect(parseExposition(text)).toEqual([
    { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
    { name: 'http_requests_total', labels: { method: 'post', code: '400' }, value: 3 },
    {
      name: 'msdos_file_access_time_seconds',
      labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
      value: 1.458255915e9
    },
    { name: 'metric_without_timestamp_and_labels', labels: {}, value: 12.47 },
    { name: 'something_weird', labels: { problem: 'division by zero' }, value: Infinity },
    { name: 'rpc_duration_seconds', labels: { quantile: '0.01' }, value: 3102 },
    { name: 'not_there', labels: {}, value: NaN }
  ])
})

test.each(['up', 'up{a="1} 3', 'up{a=1} 3', 'up1', '<html>', 'up{a="1"} three', 'up 0x10', 'up 1 2 3'])('refuses %s', (line) => {
  expect(() => parseExposition(`fine 1\n${line}\n`)).toThrow(SyntaxError)
})

test('whatever is in a label value comes back', () => {
  const escaped = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
  fc.assert(
    fc.property(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), (label, value) => {
      const expected = [{ name: 'm', labels: { l: label }, value: Number(String(value)) }]
      expect(parseExposition(`m{l="${escaped(label)}"} ${value}`)).toEqual(expected)
    })
  )
})
