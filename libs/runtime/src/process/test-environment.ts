// For tests: a process host in a folder of its own, with small node programs as its workloads.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpRecord, readOperations } from '../op-log.ts'
import type { WorkloadSpec } from '../workload.ts'
import { ProcessHost } from './host.ts'
import { type ProcessServer, serveProcessHost } from './server.ts'

export const testConfig = JSON.stringify({ pool: { size: 5, wait_ms: 100 }, password: 'hunter2' })

export const node = (code: string): string[] => [process.execPath, '-e', code]

/** Programs for Node, as the contract describes them: the ticker, the stubborn one, the hog. */
export const tick = `
  process.on('SIGTERM', () => process.exit(0))
  console.log('ready')
  let n = 0
  setInterval(() => console.error('tick ' + n++), 50)`
export const ignore = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
export const keepChildBusy = `
  require('node:child_process').spawn(process.execPath, ['-e', 'for (;;) ;'], { stdio: 'inherit' })
  setInterval(() => {}, 1000)`

/** A spec with what tests do not care about filled in. */
export function spec(name: string, command: string[], more: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return { name, kind: 'service', command, cwd: tmpdir(), env: {}, depends_on: [], probes: [], log_format: 'text', ...more }
}

export type TempFolder = { path: string } & Disposable

/** A folder that goes when it is disposed of. */
export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), 'triage-runtime-'))
  // Processes of other users log and read here too.
  chmodSync(path, 0o755)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** The environment of the contract, ready. */
export class TestEnvironment implements AsyncDisposable {
  readonly folder = tempFolder()
  readonly host: ProcessHost
  readonly hog = spec('hog', node(keepChildBusy), { grace_ms: 200 })
  server!: ProcessServer

  static async start(): Promise<TestEnvironment> {
    const environment = new TestEnvironment()
    await environment.host.startAll()
    environment.host.markBaseline()
    environment.server = await serveProcessHost(environment.host)
    return environment
  }

  private constructor() {
    const config_file = join(this.folder.path, 'ticker.json')
    writeFileSync(config_file, testConfig)
    const commands = { echo: ['/bin/echo'], sleep: ['/bin/sleep'], fail: ['/bin/sh', '-c', 'echo no >&2; exit 7'], flood: ['/usr/bin/yes'] }
    this.host = new ProcessHost(this.folder.path, [
      spec('stubborn', node(ignore), { depends_on: ['ticker'], grace_ms: 200 }),
      spec('ticker', node(tick), { config_file, commands })
    ])
  }

  ops(): OpRecord[] {
    return readOperations(this.folder.path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server?.close()
    await this.host.close()
    this.folder[Symbol.dispose]()
  }
}
