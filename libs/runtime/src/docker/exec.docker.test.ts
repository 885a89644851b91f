import { expect, test } from 'vitest'
import { image, TestProject } from './test-project.ts'

test('a command that fails says so; one that floods or hangs is given up; redis-cli needs no label', async () => {
  const labels = {
    'triage.command.fail': JSON.stringify(['sh', '-c', 'echo no >&2; exit 7']),
    'triage.command.flood': 'yes',
    'triage.command.sleep': 'sleep',
    'triage.command.broken': '["sh",'
  }
  await using project = await TestProject.start({
    web: { image, command: ['sleep', 'infinity'], init: true, labels, stop_grace_period: '1s' },
    cache: { image: 'redis:8' }
  })
  const writer = project.as('writer')
  expect(await writer.exec('web', ['fail'])).toEqual({ exit_code: 7, stdout: '', stderr: 'no\n' })
  await expect(writer.exec('web', ['flood'])).rejects.toMatchObject({ code: 'E_RUNTIME_FAILED' })
  await expect(writer.exec('web', ['sleep', '60'])).rejects.toMatchObject({ code: 'E_TIMEOUT' })
  await expect(writer.exec('web', ['broken'])).rejects.toMatchObject({ code: 'E_RUNTIME_FORBIDDEN' })
  expect(await writer.exec('cache', ['redis-cli', 'SET', 'key', 'a b'])).toMatchObject({ exit_code: 0, stdout: 'OK\n' })
  expect((await writer.exec('cache', ['redis-cli', 'GET', 'key'])).stdout).toBe('a b\n')
  await expect(writer.exec('cache', ['redis-server'])).rejects.toMatchObject({ code: 'E_RUNTIME_FORBIDDEN' })
  await writer.stop('cache')
  await expect(writer.exec('cache', ['redis-cli', 'PING'])).rejects.toMatchObject({ code: 'E_RUNTIME_FAILED' })
})
