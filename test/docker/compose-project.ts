// A compose project for one test file, gone with it: `await using project = new ComposeProject(…)`.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildNetadminImage, netadminImage } from '@triage/runtime/docker/testing'

const execute = promisify(execFile)
const root = join(import.meta.dirname, '../..')
/** The image that the tests build and run. */
export const image = process.env.TRIAGE_TEST_IMAGE ?? 'triage:test'

export async function docker(args: string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await execute('docker', args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 ** 2 })
    return stdout.trim()
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new Error('these tests need Docker: there is no program docker on the path', { cause: error })
    throw new Error(`docker ${args.join(' ')} failed:\n${(stderr ?? '').split('\n').slice(-30).join('\n')}`, { cause: error })
  }
}

/** Throws with what is missing when there is no engine to be reached or no Compose v2. */
export async function requireDocker(): Promise<void> {
  await docker(['version', '--format', '{{.Server.Version}}']).catch((error: Error) => {
    throw new Error(`these tests need a running Docker Engine that this user may use: ${error.message}`)
  })
  await docker(['compose', 'version'])
}

/** Builds both images with the network of the host, so that npm is set up there as it is here. */
export async function buildImage(): Promise<void> {
  await buildNetadminImage()
  await docker(['build', '--quiet', '--network', 'host', '--tag', image, '.'])
}

export class ComposeProject implements AsyncDisposable {
  readonly name: string
  readonly #files: string[]
  readonly #env: Record<string, string>

  /** @param files paths relative to the project, where the first is the others' paths are relative to; @param env beside the ports, any of which are free */
  constructor(name: string, files: string[], env: Record<string, string> = {}) {
    this.name = name
    this.#files = files
    const ports = Object.fromEntries(['SHOP_PORT', 'LOADGEN_PORT', 'PROMETHEUS_PORT', 'ALERTMANAGER_PORT'].map((port) => [port, '0']))
    this.#env = { TRIAGE_IMAGE: image, TRIAGE_NETADMIN_IMAGE: netadminImage, ...ports, ...env }
  }

  compose(...args: string[]): Promise<string> {
    const files = this.#files.flatMap((file) => ['--file', file])
    return docker(['compose', '--project-name', this.name, ...files, ...args], this.#env)
  }

  /** `127.0.0.1:port` of a published port. */
  address(service: string, port: number): Promise<string> {
    return this.compose('port', service, String(port))
  }

  /** Services with their state and health: `catalog running healthy`. */
  async states(): Promise<string[]> {
    const list = await this.compose('ps', '--all', '--format', '{{.Service}} {{.State}} {{.Health}}')
    return list
      .split('\n')
      .map((line) => line.trim())
      .sort()
  }

  /** Containers, networks and volumes that are there under its name. */
  async remains(): Promise<string[]> {
    const mine = ['--filter', `label=com.docker.compose.project=${this.name}`, '--quiet']
    const found = [docker(['ps', '--all', ...mine]), docker(['network', 'ls', ...mine]), docker(['volume', 'ls', ...mine])]
    return (await Promise.all(found)).flatMap((list) => list.split('\n')).filter(Boolean)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout', '5')
  }
}
