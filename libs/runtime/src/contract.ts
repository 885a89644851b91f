// What every driver of the port must do, as tests. A driver's test file calls runtimeContract with an environment of its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConfigText, RuntimeEvent, RuntimeInjector } from './port.ts'
import { until } from './until.ts'
import type { WorkloadSpec } from './workload.ts'

/**
 * A running environment of two declared workloads:
 * - ticker: prints `ready` on standard output, then `tick <n>` on standard error again and again; ends with exit code 0 on
 *   SIGTERM; has `config.good` as its configuration, marked as the baseline; a command `echo` that prints its arguments
 *   with a space between them; `grace_ms` of 3000.
 * - stubborn: depends on ticker; ignores SIGTERM; is forced within a second; no commands.
 */
interface ContractEnvironment extends AsyncDisposable {
  reader: RuntimeInjector
  writer: RuntimeInjector
  injector: RuntimeInjector
  config: {
    good: ConfigText
    /** Another one that differs at `paths`. Both hold secrets: hunter2 and swordfish. */
    changed: string
    paths: string[]
  }
  /** A workload named `hog` that is not declared and keeps a child process busy. */
  hog: WorkloadSpec
  /** What the driver cannot do: each call must say so. */
  unsupported: ((runtime: RuntimeInjector) => Promise<unknown>)[]
}

const code = (code: string) => expect.objectContaining({ code })

/** @param setup called once; the tests put back what they change */
export function runtimeContract(name: string, setup: () => Promise<ContractEnvironment>): void {
  describe(`runtime contract: ${name}`, () => {
    let env: ContractEnvironment
    beforeAll(async () => {
      env = await setup()
    })
    afterAll(() => env?.[Symbol.asyncDispose]())

    const ticker = () => env.reader.inspect('ticker')
    const ready = (run_id: string) =>
      until('the new run is ready', async () => {
        const workload = await ticker()
        const lines = await env.reader.logs('ticker', { since: new Date(workload.started_at!) })
        return workload.run_id !== run_id && lines.some(({ line }) => line === 'ready') && workload
      })

    test('list says what is declared, in start order, and inspect says the same', async () => {
      const workloads = await env.reader.list()
      expect(workloads.map((workload) => workload.name)).toEqual(['ticker', 'stubborn'])
      const [first, second] = workloads
      expect(first).toMatchObject({ kind: 'service', managed: true, status: 'running', depends_on: [] })
      expect(second).toMatchObject({ managed: true, status: 'running', depends_on: ['ticker'] })
      const { hash } = env.config.good
      expect(first).toMatchObject({ config_hash: hash, baseline_config_hash: hash })
      expect(first?.run_id).not.toBe(second?.run_id)
      expect(await ticker()).toEqual(first)
    })

    test('a workload that is not there is an unknown target', async () => {
      await expect(env.reader.inspect('nobody')).rejects.toEqual(code('E_RUNTIME_UNKNOWN_TARGET'))
      await expect(env.reader.logs('nobody')).rejects.toEqual(code('E_RUNTIME_UNKNOWN_TARGET'))
      await expect(env.writer.restart('nobody')).rejects.toEqual(code('E_RUNTIME_UNKNOWN_TARGET'))
    })

    test('logs holds both outputs in order, and since, tail and max_bytes bound it', async () => {
      await until('three ticks', async () => (await env.reader.logs('ticker')).length > 3)
      const all = await env.reader.logs('ticker')
      expect(all[0]?.line).toBe('ready')
      expect(all.slice(1).map(({ line }) => line)).toEqual(all.slice(1).map((_, index) => `tick ${index}`))
      expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted())
      const third = all[2]!
      const since = await env.reader.logs('ticker', { since: new Date(third.at) })
      expect(since.every(({ at }) => at >= third.at)).toBe(true)
      expect(since.map(({ line }) => line)).toContain(third.line)
      expect(since.map(({ line }) => line)).not.toContain('ready')
      expect(await env.reader.logs('ticker', { tail: 2 })).toHaveLength(2)
      expect(await env.reader.logs('ticker', { max_bytes: 3 })).toEqual([])
      expect(await env.reader.logs('ticker', { since: new Date(Date.now() + 60_000) })).toEqual([])
    })

    test('a reader may not write, a writer may not launch', async () => {
      const { run_id } = await ticker()
      const writes: ((runtime: RuntimeInjector) => Promise<unknown>)[] = [
        (runtime) => runtime.start('ticker'),
        (runtime) => runtime.stop('ticker'),
        (runtime) => runtime.restart('ticker'),
        (runtime) => runtime.kill('ticker', 'SIGKILL'),
        (runtime) => runtime.exec('ticker', ['echo', 'x']),
        (runtime) => runtime.getConfig('ticker'),
        (runtime) => runtime.setConfig('ticker', env.config.changed)
      ]
      const launches: typeof writes = [(runtime) => runtime.launch(env.hog, 'ticker'), (runtime) => runtime.remove('hog')]
      for (const call of [...writes, ...launches]) await expect(call(env.reader)).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
      for (const call of launches) await expect(call(env.writer)).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
      expect(await ticker()).toMatchObject({ run_id, status: 'running', config_hash: env.config.good.hash })
      expect(await env.reader.list()).toHaveLength(2)
    })

    test('stop ends it with its exit code, start starts a new run, and both are idempotent', async () => {
      const readies = async () => (await env.reader.logs('ticker')).filter(({ line }) => line === 'ready').length
      const [{ run_id }, before] = await Promise.all([ticker(), readies()])
      await env.writer.stop('ticker')
      await env.writer.stop('ticker')
      const stopped = await ticker()
      expect(stopped).toMatchObject({ status: 'exited', exit_code: 0, run_id })
      expect(stopped.pid).toBeUndefined()
      await env.writer.start('ticker')
      const started = await ready(run_id)
      expect(started.status).toBe('running')
      await env.writer.start('ticker')
      expect((await ticker()).run_id).toBe(started.run_id)
      expect(await readies()).toBe(before + 1)
    })

    test('restart returns with a new run, and starts what has ended', async () => {
      const before = await ticker()
      await env.writer.restart('ticker')
      const after = await ticker()
      expect(after).toMatchObject({ status: 'running' })
      expect(after.run_id).not.toBe(before.run_id)
      await env.writer.stop('ticker')
      await env.writer.restart('ticker')
      expect((await ticker()).status).toBe('running')
      await ready(after.run_id)
    })

    test('what is killed is exited with its signal, and stays so', async () => {
      const { run_id } = await ticker()
      await env.writer.kill('ticker', 'SIGKILL')
      const killed = await until('the exit', async () => {
        const workload = await ticker()
        return workload.status === 'exited' && workload
      })
      expect(killed).toMatchObject({ exit_signal: 'SIGKILL', run_id })
      expect(killed.exit_code).toBeUndefined()
      await env.writer.kill('ticker', 'SIGTERM')
      await env.writer.start('ticker')
      await ready(run_id)
    })

    test('what ignores its stop signal is forced', async () => {
      await env.writer.stop('stubborn')
      expect(await env.reader.inspect('stubborn')).toMatchObject({ status: 'exited', exit_signal: 'SIGKILL' })
      await env.writer.start('stubborn')
    })

    test('a workload that hangs is still running for the runtime, and restart works on it', async () => {
      const { run_id } = await env.reader.inspect('stubborn')
      await env.injector.kill('stubborn', 'SIGSTOP')
      expect(await env.reader.inspect('stubborn')).toMatchObject({ status: 'running', run_id })
      await env.writer.restart('stubborn')
      const after = await env.reader.inspect('stubborn')
      expect(after.status).toBe('running')
      expect(after.run_id).not.toBe(run_id)
    })

    test('exec runs what is on the list, with arguments that no shell reads, and nothing else', async () => {
      const result = await env.writer.exec('ticker', ['echo', 'a b', '$HOME', '; exit 3', '`id`'])
      expect(result).toMatchObject({ exit_code: 0, stderr: '' })
      expect(result.stdout.trimEnd()).toBe('a b $HOME ; exit 3 `id`')
      for (const argv of [['sh', '-c', 'true'], ['/bin/echo'], ['toString'], ['__proto__'], ['']]) {
        await expect(env.writer.exec('ticker', argv)).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
      }
      await expect(env.writer.exec('stubborn', ['echo'])).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
    })

    test('configDiff names the keys that differ and never a value, until the configuration is put back', async () => {
      const { good, changed, paths } = env.config
      expect(await env.reader.configDiff('ticker')).toMatchObject({ paths: [] })
      await env.writer.setConfig('ticker', changed)
      const diff = await env.reader.configDiff('ticker')
      expect(diff.baseline_hash).toBe(good.hash)
      expect(diff.paths.toSorted()).toEqual(paths.toSorted())
      expect(JSON.stringify([diff, await ticker()])).not.toMatch(/hunter2|swordfish/)
      expect(Date.parse((await ticker()).config_changed_at!)).toBeGreaterThan(0)
      const { text, hash, baseline } = await env.writer.getConfig('ticker')
      expect(JSON.parse(text)).toEqual(JSON.parse(changed))
      expect(hash).toBe(diff.hash)
      expect(baseline).toEqual(good)
      await env.writer.setConfig('ticker', baseline!.text)
      expect(await env.reader.configDiff('ticker')).toMatchObject({ hash: good.hash, paths: [] })
    })

    test('a launched workload is undeclared, its child processes count, and it can be removed', async () => {
      await env.injector.launch(env.hog, 'ticker')
      await env.injector.launch(env.hog, 'ticker')
      expect(await env.reader.inspect('hog')).toMatchObject({ kind: 'unknown', managed: false, beside: 'ticker', status: 'running' })
      const hog = await until('the load', async () =>
        (await env.reader.stats()).find(({ name, cpu_load }) => name === 'hog' && cpu_load > 0.2)
      )
      expect(hog.rss_bytes).toBeGreaterThan(1024 ** 2)
      const stats = await env.reader.stats()
      expect(stats.map(({ name }) => name).toSorted()).toEqual(['hog', 'stubborn', 'ticker'])
      expect(stats.find(({ name }) => name === 'stubborn')?.cpu_load).toBeLessThan(hog.cpu_load)
      await env.writer.stop('hog')
      expect(await env.reader.inspect('hog')).toMatchObject({ status: 'exited' })
      await env.injector.remove('hog')
      await env.injector.remove('hog')
      await expect(env.reader.inspect('hog')).rejects.toEqual(code('E_RUNTIME_UNKNOWN_TARGET'))
      await expect(env.injector.remove('ticker')).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
    })

    test('watch tells of starts, exits and changes of configuration, and ends when told to', async () => {
      const watcher = new AbortController()
      const events: RuntimeEvent[] = []
      const watching = (async () => {
        for await (const event of env.reader.watch(watcher.signal)) events.push(event)
      })()
      const seen = (kind: string, run_id?: string) =>
        events.find(
          (event) => event.kind === kind && event.name === 'ticker' && (!run_id || ('run_id' in event && event.run_id === run_id))
        )
      const { good, changed } = env.config
      let next = changed
      await until('the watch has begun', async () => {
        await env.writer.setConfig('ticker', next)
        next = next === changed ? good.text : changed
        return seen('config')
      })
      await env.writer.setConfig('ticker', good.text)
      const { run_id } = await ticker()
      await env.writer.restart('ticker')
      const after = await ready(run_id)
      await until('the events', () => seen('exit', run_id) && seen('start', after.run_id))
      expect(seen('exit', run_id)).toMatchObject({ exit_code: 0 })
      watcher.abort()
      await watching
    })

    test('what the runtime cannot do it says', async () => {
      for (const call of env.unsupported) await expect(call(env.injector)).rejects.toEqual(code('E_RUNTIME_UNSUPPORTED'))
    })
  })
}
