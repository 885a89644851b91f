// The launcher as people use it: started, asked, stopped, killed. Nothing may stay behind.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isAlive } from '@triage/cli/swarm-file'
import { afterAll, afterEach, expect, test } from 'vitest'
import { bin, commandOn } from '../support/command.ts'

const data = mkdtempSync(join(tmpdir(), 'triage-test-'))
const triage = commandOn(data)
afterAll(() => rmSync(data, { recursive: true, force: true }))
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
})

/** Starts `triage up` and waits until it says that it is up. */
async function up(): Promise<{ child: ChildProcess; nats: string; run: string; pids: number[] }> {
  const child = spawn(process.execPath, [bin, '--data', data, '--json', 'up'], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  const line = await Promise.race([once(child.stdout!, 'data').then(String), once(child, 'exit').then(() => '')])
  if (!line) throw new Error('triage up ended')
  const { nats_url } = JSON.parse(line) as { nats_url: string }
  const { run } = JSON.parse(await readFile(join(data, 'swarm.json'), 'utf8')) as { run: string }
  const { stdout } = await promisify(execFile)('pgrep', ['-f', run]).catch(() => ({ stdout: '' }))
  return { child, nats: nats_url, run, pids: stdout.split('\n').filter(Boolean).map(Number) }
}

async function nothingLeft({ run, pids }: { run: string; pids: number[] }): Promise<void> {
  await expect.poll(() => existsSync(run), { timeout: 15_000 }).toBe(false)
  await expect.poll(() => pids.filter(isAlive), { timeout: 15_000 }).toEqual([])
}

test('up, report, status, incidents, show, inject, audit, down', async () => {
  const swarm = await up()
  expect(swarm.pids.length).toBeGreaterThan(5)
  expect((await triage(['up'])).stderr).toContain('E_ALREADY_UP')
  const status = JSON.parse((await triage(['--json', 'status'])).stdout)
  expect(status.swarm.every(({ heartbeat }: { heartbeat: { ready: boolean } | null }) => heartbeat?.ready)).toBe(true)
  expect(status.workloads).toHaveLength(7)
  expect(status.planners).toEqual(['rulebook'])
  expect(await triage(['inject', 'nonsense'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_FAULT_UNKNOWN') })
  const injected = JSON.parse((await triage(['--json', 'inject', 'process_kill', '--target', 'orders'])).stdout)
  expect(injected.injections).toMatchObject([{ fault: 'process_kill', target: 'orders' }])
  const followed = await triage(['report', '--follow', 'nobody can pay!', 'help'])
  expect(followed).toMatchObject({ code: 0, stdout: expect.stringContaining('process_exited') })
  expect((await triage(['inject', '--undo'])).stdout).toContain('Nothing is in force')
  const incidents = JSON.parse((await triage(['--json', 'incidents'])).stdout)
  expect(incidents).toMatchObject([
    { outcome: 'recovered', text: 'nobody can pay! help', hypothesis: { service: 'orders', cause: 'process_exited' } }
  ])
  expect((await triage(['show', 'last', '--timeline'])).stdout).toContain('service.start')
  expect(await triage(['show', 'inc-20200101-1'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_NO_INCIDENT') })
  expect(await triage(['report', ''])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_REPORT_EMPTY') })

  const rotated = await triage(['--json', 'keys', 'rotate'])
  expect(JSON.parse(rotated.stdout)).toMatchObject([
    { id: 'k1', state: 'previous' },
    { id: 'k2', state: 'current' }
  ])
  expect((await triage(['keys', 'rotate'])).stderr).toContain('E_KEYS_TOO_SOON')
  const after = JSON.parse((await triage(['--json', 'status'])).stdout) as typeof status
  expect(after.swarm.map(({ heartbeat }: { heartbeat: { keys: object } | null }) => heartbeat?.keys)).toEqual(
    after.swarm.map(() => ({ signs_with: 'k2', accepts: ['k1', 'k2'] }))
  )

  const file = join(data, 'audit.jsonl')
  const keys = join(data, 'audit-keys.txt')
  expect((await triage(['audit', 'export', file])).code).toBe(0)
  expect((await triage(['audit', 'verify'])).stdout).toContain('verified')
  expect((await triage(['audit', 'verify', file])).stdout).toContain('the export carries itself')
  expect((await triage(['audit', 'verify', file, '--key', keys])).stdout).toContain('with the keys given')
  const altered = join(data, 'altered.jsonl')
  const text = await readFile(file, 'utf8')
  await writeFile(altered, text.replace('"index":3', '"index":4'))
  expect(await triage(['audit', 'verify', altered])).toMatchObject({ code: 1, stderr: expect.stringContaining('entry 3') })
  await writeFile(altered, text.slice(0, text.indexOf('{"log":{"index":5') + 100))
  expect(await triage(['audit', 'verify', altered])).toMatchObject({ code: 1, stderr: expect.stringContaining('entry 5: its line is cut') })
  const proof = join(data, 'three.tlog-proof')
  expect((await triage(['audit', 'prove', '3', '--out', proof])).code).toBe(0)
  expect((await triage(['audit', 'verify', proof])).stdout).toContain('entry 3 of')
  expect(await triage(['audit', 'prove', '9999'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_AUDIT_MISSING') })
  const attestation = join(data, 'incident.json')
  expect((await triage(['audit', 'export', '--incident', 'last', attestation])).code).toBe(0)
  expect((await triage(['audit', 'verify', attestation])).stdout).toMatch(/verified.*signed by operator/)
  expect((await triage(['audit', 'show', 'last'])).stdout).toContain('rulebook')

  expect((await triage(['down'])).code).toBe(0)
  await nothingLeft(swarm)
  expect(await triage(['status'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_NOT_UP') })
})

test('kill -9 of the launcher leaves nothing either; the next start cleans up and goes on from the data; Ctrl-C ends it', async () => {
  const swarm = await up()
  swarm.child.kill('SIGKILL')
  await once(swarm.child, 'exit')
  await nothingLeft(swarm)
  expect(existsSync(join(data, 'swarm.json'))).toBe(true)
  const next = await up()
  expect((await triage(['audit', 'verify'])).code).toBe(0)
  const kept = JSON.parse((await triage(['--json', 'incidents'])).stdout)
  expect(kept.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['recovered', 'rejected'])
  next.child.kill('SIGINT')
  await once(next.child, 'exit')
  await nothingLeft(next)
})

test('what is missing or taken is said, with a code and what to do', async () => {
  expect(await triage(['up'], { NATS_SERVER: '/nonexistent/nats-server' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('E_NO_NATS_SERVER')
  })
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  expect(await triage(['up', '--nats-port', String(port)])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_PORT_IN_USE') })
  taken.close()
  expect(await triage(['up'], { TRIAGE_MODEL_FAST: 'qwen3' })).toMatchObject({ code: 1, stderr: expect.stringContaining('names no model') })
  const keys = join(data, 'keys.json')
  await chmod(keys, 0o644)
  expect(await triage(['up'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_KEYS_MODE') })
  await chmod(keys, 0o600)
  const wrong = { TRIAGE_KEYS_PASSPHRASE: 'battery staple' }
  expect(await triage(['up'], wrong)).toMatchObject({ code: 1, stderr: expect.stringContaining('E_KEYS_PASSPHRASE') })
  expect(await triage(['demo', '--scenario', 'nonsense'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_SCENARIO') })
})

test('usage errors are 2, help is 0', async () => {
  for (const args of [['nonsense'], ['show'], ['inject'], ['up', '--nats-port', 'x'], ['--wat']])
    expect([args, (await triage(args)).code]).toEqual([args, 2])
  for (const command of [
    'up',
    'attach',
    'discover',
    'down',
    'status',
    'report',
    'incidents',
    'show',
    'watch',
    'inject',
    'audit',
    'keys',
    'doctor',
    'demo'
  ]) {
    const { code, stdout } = await triage([command, '--help'])
    expect([command, code]).toEqual([command, 0])
    expect(stdout).toContain('--json')
  }
})
