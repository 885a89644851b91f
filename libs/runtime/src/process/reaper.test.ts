import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { constants, platform } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import { findProcess, sendSignal } from './process-table.ts'
import { forgetProcess, type ReaperMode, reap, recordProcess, startReaper } from './reaper.ts'
import { node, tempFolder } from './test-environment.ts'

async function launch(data: string, mode: ReaperMode): Promise<{ launcher: ChildProcess; reaper: number; pids: number[] }> {
  const program = join(import.meta.dirname, 'test-launcher.ts')
  const launcher = spawn(process.execPath, [program, data, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(launcher.stdout!), 'line')) as [string]
  return { launcher, ...(JSON.parse(line) as { reaper: number; pids: number[] }) }
}

function stranger(): { pid: number } & Disposable {
  const [program = '', ...args] = node('setInterval(() => {}, 1000)')
  const child = spawn(program, args, { detached: true, stdio: 'ignore' })
  return { pid: child.pid!, [Symbol.dispose]: () => child.kill('SIGKILL') }
}

/** Whether the process has a handler for a signal; `ps` has no column for it that is the same everywhere. */
function handles(pid: number, signal: keyof typeof constants.signals): boolean {
  const mask = execFileSync('ps', ['-o', platform() === 'linux' ? 'caught=' : 'sigcatch=', '-p', String(pid)], { encoding: 'utf8' })
  return (BigInt(`0x${mask.trim()}`) & (1n << BigInt(constants.signals[signal] - 1))) !== 0n
}

for (const mode of ['remove', 'keep'] as const) {
  test(`after kill -9 of the launcher nothing stays behind (${mode})`, async () => {
    using folder = tempFolder()
    const { launcher, reaper, pids } = await launch(folder.path, mode)
    try {
      expect(pids.every((pid) => findProcess(pid))).toBe(true)
      launcher.kill('SIGKILL')
      await until('the reaper is done', () => !findProcess(reaper))
      expect(pids.filter((pid) => findProcess(pid))).toEqual([])
    } finally {
      for (const pid of pids) sendSignal(pid, 'SIGKILL')
    }
    expect(existsSync(folder.path)).toBe(mode === 'keep')
    if (mode === 'keep') expect(readdirSync(join(folder.path, 'run'))).toEqual([])
  })
}

test('reap ends what was recorded and says so, and does nothing the second time', async () => {
  using folder = tempFolder()
  using child = stranger()
  recordProcess(folder.path, 'left', child.pid)
  expect(await reap(folder.path)).toEqual([{ name: 'left', pid: child.pid, started: expect.any(String) }])
  expect(findProcess(child.pid)).toBeUndefined()
  expect(await reap(folder.path)).toEqual([])
})

test('a pid that has gone to another process is left alone', async () => {
  using folder = tempFolder()
  using child = stranger()
  mkdirSync(join(folder.path, 'run'))
  writeFileSync(join(folder.path, 'run', 'old.json'), JSON.stringify({ name: 'old', pid: child.pid, started: 'another boot 42' }))
  writeFileSync(join(folder.path, 'run', 'cut.json'), '{"name":"cut","pi')
  writeFileSync(join(folder.path, 'run', 'init.json'), JSON.stringify({ name: 'init', pid: 1, started: findProcess(1)?.started }))
  expect(await reap(folder.path)).toEqual([])
  expect(findProcess(child.pid)).toBeDefined()
  expect(readdirSync(join(folder.path, 'run'))).toEqual([])
})

test('what was forgotten is not reaped', async () => {
  using folder = tempFolder()
  using child = stranger()
  recordProcess(folder.path, 'left', child.pid)
  forgetProcess(folder.path, 'left')
  expect(await reap(folder.path)).toEqual([])
  expect(findProcess(child.pid)).toBeDefined()
})

test('the reaper outlives Ctrl-C; closing it cleans up', async () => {
  using folder = tempFolder()
  using child = stranger()
  recordProcess(folder.path, 'left', child.pid)
  const reaper = startReaper(folder.path, 'remove')
  // Set after the handler of SIGINT, which node catches before any program does.
  await until('the handlers are set', () => handles(reaper.pid, 'SIGHUP'))
  sendSignal(reaper.pid, 'SIGINT')
  expect(findProcess(child.pid)).toBeDefined()
  await reaper.close()
  expect(existsSync(folder.path)).toBe(false)
  expect(findProcess(child.pid)).toBeUndefined()
  expect(findProcess(reaper.pid)).toBeUndefined()
})
