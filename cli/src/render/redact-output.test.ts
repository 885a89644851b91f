import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('whatever is written to standard output or error is redacted; colours and bytes stay', async () => {
  const code = `
    const { redactOutput } = await import(${JSON.stringify(join(import.meta.dirname, 'redact-output.ts'))})
    redactOutput()
    console.log('\\u001b[32mpassword=hunter2\\u001b[39m')
    console.error(JSON.stringify({ token: 'hunter2' }))
    process.stdout.write(Buffer.from('bytes'))`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  expect(`${stdout}${stderr}`).not.toContain('hunter2')
  expect(stdout).toContain('password=***')
  expect(JSON.parse(stderr)).toEqual({ token: '***' })
  expect(stdout).toContain('bytes')
})
