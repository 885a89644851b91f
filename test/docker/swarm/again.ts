import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Session } from '@triage/cli/session'
import { expect, test } from 'vitest'
import { bench } from '../shared.ts'

const up = (): Promise<string> => bench.project.compose('up', '--detach', '--wait', '--wait-timeout', '90')
const fresh = async (name: string): Promise<string> => {
  const folder = join(bench.access, '..', name)
  await bench.project.compose('cp', 'operator:/run/triage', folder)
  return folder
}
const contents = (folder: string): Promise<string[]> =>
  Promise.all(['ca.pem', 'keys.json', 'audit-keys.txt', 'operator/operator.key'].map((file) => readFile(join(folder, file), 'utf8')))

test('stopped and started again it has its keys and its history, and the last known good state is what it was', async () => {
  const { lastSeq } = await bench.session.bus.size('INCIDENTS')
  const good = () => bench.project.compose('exec', '--no-TTY', 'monitor', 'cat', '/run/baseline/fingerprints.json')
  const before = await good()
  await bench.project.compose('stop', '--timeout', '5')
  const ended = (await bench.project.compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}')).split('\n')
  // SIGTERM drains.
  for (const role of ['gateway', 'scheduler', 'action-agent', 'monitor', 'auditor', 'storefront']) expect(ended).toContain(`${role} 0`)
  await up()
  const folder = await fresh('again')
  expect(await contents(folder)).toEqual(await contents(bench.access))
  await using session = await Session.open(folder)
  expect((await session.bus.size('INCIDENTS')).lastSeq).toBeGreaterThanOrEqual(lastSeq)
  expect(await good()).toBe(before)
}, 240_000)

test('renewed certificates hold after a restart, and those from before no more', async () => {
  await bench.project.compose('run', '--rm', 'setup', 'cli/src/containers/setup.ts', 'renew')
  await bench.project.compose('restart')
  await expect.poll(() => bench.triage('audit', 'verify').catch(String), { timeout: 60_000 }).toContain('verified')
  await expect(Session.open(bench.access)).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  await using session = await Session.open(await fresh('renewed'))
  expect(await session.stories()).not.toEqual(new Map())
}, 240_000)

test('the keys rotate, and every process follows', async () => {
  expect(await bench.triage('keys', 'rotate')).toMatch(/k1 +previous[\s\S]*k2 +current/)
  await using session = await Session.open(await fresh('rotated'))
  const before = (await session.stories()).size
  await bench.triage('report', 'is everything all right')
  expect((await session.stories()).size).toBe(before + 1)
})
