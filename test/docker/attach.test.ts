// `triage attach` on a compose project of somebody else's, as its owner would use it.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isAlive, readSwarmFile } from '@triage/cli/swarm-file'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin, commandOn } from '../support/command.ts'
import { requireDocker } from './compose-project.ts'
import { ForeignProject, socket } from './foreign-project.ts'
import { Relay } from './relay.ts'

const data = mkdtempSync(join(tmpdir(), 'triage-attach-'))
const triage = commandOn(data)
const relay = new Relay(join(data, 'relay.sock'), socket)
const foreign = new ForeignProject()
let attached: ChildProcess

const json = async (...args: string[]) => JSON.parse((await triage(['--json', ...args])).stdout)
const patience = { timeout: 60_000, interval: 500 }

/** Reports, and waits until a human is asked. */
async function asked(text: string): Promise<{ approval_id: string; incident_id: string; task: { type: string; target: string } }> {
  const { incident_id } = await json('report', text)
  const mine = async () => (await json('approvals')).find((approval: { incident_id: string }) => approval.incident_id === incident_id)
  await expect.poll(mine, patience).toBeDefined()
  return mine()
}
const outcomeOf = (id: string) =>
  expect.poll(
    async () => (await json('incidents')).find((incident: { incident_id: string }) => incident.incident_id === id)?.outcome,
    patience
  )
const workload = async (name: string) =>
  (await json('status')).workloads.find((each: { name: string }) => each.name === name) as { status: string } | undefined

beforeAll(async () => {
  await requireDocker()
  await foreign.start()
  await relay.open()
}, 120_000)
afterAll(async () => {
  if (attached?.exitCode === null) attached.kill('SIGTERM')
  await foreign[Symbol.asyncDispose]()
  await relay.close()
  rmSync(data, { recursive: true, force: true })
})

test('what cannot be attached to is said, with a code and what to do', async () => {
  const attach = (...args: string[]) => triage(['attach', ...args])
  const unknown = await attach('--project', 'nobodys')
  expect(unknown.stderr).toMatch(new RegExp(`named nobodys; there is .*${foreign.name}.*\\n.*E_RUNTIME_UNKNOWN_PROJECT`))
  const gone = await attach('--project', foreign.name, '--engine', 'unix:///nowhere/docker.sock')
  expect(gone.stderr).toMatch(/there is no such socket[\s\S]*E_RUNTIME_UNREACHABLE/)
  const remote = await attach('--project', foreign.name, '--engine', 'http://127.0.0.1:1')
  expect(remote.stderr).toMatch(/on this machine[\s\S]*E_CONFIG/)
  expect((await attach('--project', foreign.name, '--prometheus', 'nonsense')).code).toBe(2)
  expect([unknown, gone, remote].map(({ code }) => code)).toEqual([1, 1, 1])
  expect(existsSync(join(data, 'swarm.json'))).toBe(false)
})

test('nor what this user may not reach', async () => {
  await chmod(relay.path, 0)
  const attach = [process.execPath, bin, '--data', data, 'attach', '--project', foreign.name, '--engine', `unix://${relay.path}`]
  // Root gives up the right to open what is closed to it.
  const mortal = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all']
  const [program = '', ...args] = process.getuid!() === 0 ? [...mortal, ...attach] : attach
  await expect(promisify(execFile)(program, args)).rejects.toMatchObject({
    stderr: expect.stringMatching(/This user may not open unix:[\s\S]*in the group docker[\s\S]*E_RUNTIME_FORBIDDEN/)
  })
  await chmod(relay.path, 0o600)
})

test('the doctor knows the engine, and does not insist on one', async () => {
  const findings = async (host: string) =>
    JSON.parse((await triage(['--json', 'doctor'], { DOCKER_HOST: host })).stdout) as {
      what: string
      ok: boolean | null
      detail: string
    }[]
  const engine = async (host: string) => (await findings(host)).find(({ what }) => what === 'Docker Engine')
  expect(await engine(`unix://${socket}`)).toMatchObject({ ok: true, detail: expect.stringContaining(foreign.name) })
  expect(await engine('unix:///nowhere/docker.sock')).toMatchObject({
    ok: null,
    detail: expect.stringContaining('there is no such socket')
  })
})

test('discover tells what there is, in 80 columns and without secrets', async () => {
  const { stdout } = await triage(['discover', '--project', foreign.name])
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(stdout).toMatch(/Left alone notes/)
  const found = await json('discover', '--project', foreign.name)
  expect(found.workloads.map(({ name }: { name: string }) => name).sort()).toEqual(['cache', 'db', 'web'])
  expect(found.services.web).toMatchObject({
    image: foreign.image,
    health_check: true,
    published: [expect.stringContaining('→3000/tcp')],
    compose_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    fingerprint: { 'environment.CACHE_HOST': expect.stringMatching(/^[0-9a-f]{64}$/) }
  })
  expect(stdout + JSON.stringify(found)).not.toMatch(/hunter[23]/)
})

test('a swarm is attached: it takes down what is good, and has no injector', async () => {
  const args = ['--json', 'attach', '--project', foreign.name, '--engine', `unix://${relay.path}`]
  attached = spawn(process.execPath, [bin, '--data', data, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await Promise.race([once(attached.stdout!, 'data'), once(attached, 'exit').then(() => [''])])
  expect(JSON.parse(String(line)).baseline).toMatchObject({ kept: [], taken: ['cache', 'db', 'web'], skipped: [] })
  const { swarm, mode, environment } = await json('status')
  expect(swarm.filter(({ heartbeat }: { heartbeat: { ready: boolean } | null }) => !heartbeat?.ready)).toEqual([])
  expect(swarm.map(({ role }: { role: string }) => role)).not.toContain('injector')
  expect({ mode, environment }).toEqual({ mode: 'approve', environment: 'production' })
  expect((await triage(['inject', 'process_kill', '--target', 'web'])).stderr).toContain('E_NO_INJECTOR')
  expect((await triage(['attach', '--project', foreign.name])).stderr).toContain('E_ALREADY_UP')
  const found = await json('discover', '--project', foreign.name)
  expect(found.workloads.every((each: Record<string, string>) => each.config_hash === each.baseline_config_hash)).toBe(true)
})

test('nothing is done without a human; what is denied is left as it is', async () => {
  await foreign.compose('stop', 'db')
  const before = await foreign.runs()
  const { approval_id, incident_id, task } = await asked('the database is gone')
  expect(task).toMatchObject({ type: 'service.start', target: 'db' })
  expect((await triage(['deny', approval_id, '--reason', 'it is being moved'])).code).toBe(0)
  await outcomeOf(incident_id).toBe('escalated')
  expect(await foreign.runs()).toEqual(before)
})

test('what is approved is repaired, and compose agrees', async () => {
  const { approval_id, incident_id, task } = await asked('the database is still gone')
  expect(task).toMatchObject({ type: 'service.start', target: 'db' })
  expect((await triage(['approve', approval_id, '--yes'])).code).toBe(0)
  await outcomeOf(incident_id).toBe('recovered')
  const before = await foreign.runs()
  expect(before).toHaveLength(4)
  await foreign.up()
  expect(await foreign.runs()).toEqual(before)
})

test('a container that was changed behind the back of compose gets its configuration again', async () => {
  const good = await foreign.variables()
  await foreign.drift()
  const { approval_id, incident_id, task } = await asked('the site answers nothing but errors')
  expect(task).toMatchObject({ type: 'config.restore', target: 'web' })
  expect(await foreign.variables()).toMatchObject({ CACHE_HOST: 'cache.invalid' })
  await triage(['approve', approval_id, '--yes'])
  await outcomeOf(incident_id).toBe('recovered')
  expect(await foreign.variables()).toEqual(good)
  const before = await foreign.runs()
  await foreign.up()
  expect(await foreign.runs()).toEqual(before)
  expect((await triage(['audit', 'verify'])).stdout).toContain('verified')
})

test('an image that is missing is said, and people take over', async () => {
  await foreign.drift()
  await foreign.removeImage()
  const { approval_id, incident_id } = await asked('errors again')
  const denied = new Set<string>()
  await triage(['approve', approval_id, '--yes'])
  // It may ask again in another round; nobody wants to try what cannot be done twice.
  await expect
    .poll(async () => {
      for (const { approval_id: next } of await json('approvals')) {
        if (next === approval_id || denied.has(next)) continue
        denied.add(next)
        await triage(['deny', next, '--reason', 'the image is not there'])
      }
      return (await json('incidents')).find((each: { incident_id: string }) => each.incident_id === incident_id)?.outcome
    }, patience)
    .toBe('escalated')
  const shown = (await triage(['show', incident_id, '--timeline'])).stdout
  expect(shown).toMatch(/[Nn]o such image/)
  expect(shown).not.toContain('another change is under way')
  await foreign.tagImage()
  await foreign.compose('up', '--detach', '--wait', '--force-recreate', 'web')
})

test('a project that is taken down is absent, and comes back; the swarm stays up', async () => {
  await foreign.compose('down', '--timeout', '0')
  await expect.poll(async () => (await workload('web'))?.status, patience).toBe('absent')
  const { approval_id, incident_id } = await asked('everything is gone')
  await expect
    .poll(async () => (await triage(['show', incident_id, '--timeline'])).stdout, patience)
    .toMatch(/monitor sees[\s\S]*web is absent/)
  await foreign.up()
  expect((await workload('web'))?.status).toBe('running')
  await triage(['deny', approval_id, '--reason', 'its owner has put it up again'])
  await outcomeOf(incident_id).toBe('escalated')
})

test('while the engine is away nothing is known; when it is back all is as before', async () => {
  await relay.close()
  expect((await triage(['status'])).stderr).toMatch(/does not answer[\s\S]*E_RUNTIME_UNREACHABLE/)
  await expect.poll(() => readFile(join(data, 'logs', 'monitor.log'), 'utf8'), patience).toContain('could not look at the world')
  await relay.open()
  await expect.poll(async () => (await workload('web'))?.status, patience).toBe('running')
  const { swarm } = await json('status')
  expect(swarm.filter(({ heartbeat }: { heartbeat: { ready: boolean } | null }) => !heartbeat?.ready)).toEqual([])
})

test('Ctrl-C leaves nothing behind, and the project as it was', async () => {
  const before = await foreign.runs()
  const { run } = await readSwarmFile(data)
  const pids = (await json('status')).swarm.map(({ heartbeat }: { heartbeat: { pid: number } }) => heartbeat.pid)
  attached.kill('SIGINT')
  await once(attached, 'exit')
  await expect.poll(() => existsSync(run!), patience).toBe(false)
  await expect.poll(() => pids.filter(isAlive), patience).toEqual([])
  expect(await foreign.runs()).toEqual(before)
})
