// For tests: a compose project on a real engine, and a filtering proxy in front of the engine for it.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Credential, operationsFile } from '../op-log.ts'
import type { RuntimeInjector } from '../port.ts'
import { type TempFolder, tempFolder } from '../process/test-environment.ts'
import { randomTokens, type Tokens } from '../token.ts'
import { dockerRuntime } from './driver.ts'
import { type DockerProxy, serveDockerProxy } from './proxy/proxy.ts'
import { takeBaseline } from './take-baseline.ts'

const run = promisify(execFile)
export const socket = process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') ?? '/var/run/docker.sock'
export const image = 'node:24-trixie-slim'
/** The image with iptables, as `buildNetadminImage` makes it. */
export const netadminImage = process.env.TRIAGE_NETADMIN_IMAGE ?? 'triage-netadmin:test'

/** Runs docker and resolves to what it prints. Fails with what docker says. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: 64 * 1024 ** 2 }).catch((error: Error & { stderr?: string }) => {
    throw new Error(`these tests need a Docker Engine with Compose: docker ${args.join(' ')}: ${error.stderr || error.message}`)
  })
  return stdout
}

/** With the network of the host, so that packages are found there as they are here. */
export async function buildNetadminImage(): Promise<void> {
  const root = join(import.meta.dirname, '../../../..')
  await docker('build', '--quiet', '--network', 'host', '--target', 'netadmin', '--tag', netadminImage, root)
}

export class TestProject implements AsyncDisposable {
  readonly name = `triage-test-${randomUUID().slice(0, 8)}`
  readonly folder: TempFolder = tempFolder()
  readonly tokens: Tokens = randomTokens()
  readonly baseline = join(this.folder.path, 'baseline')
  proxy!: DockerProxy

  /** @param services of a compose file, as JSON, and its networks. Resolves when they were started and the baseline was taken. */
  static async start(services: object, files: Record<string, string> = {}, networks: object = {}): Promise<TestProject> {
    const project = new TestProject()
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project.folder.path, name), text)
    try {
      writeFileSync(join(project.folder.path, 'compose.yaml'), JSON.stringify({ services, networks }))
      await project.compose('up', '-d', '--quiet-pull')
      await project.serve()
      await takeBaseline({ url: `unix://${socket}`, project: project.name, baseline: project.baseline })
      return project
    } catch (error) {
      await project[Symbol.asyncDispose]()
      throw error
    }
  }

  compose(...args: string[]): Promise<string> {
    return docker('compose', '-p', this.name, '-f', join(this.folder.path, 'compose.yaml'), ...args)
  }

  /** Starts the proxy. @param port 0: a free one */
  async serve(port = 0): Promise<void> {
    const ops = operationsFile(this.folder.path)
    const { name: project, tokens } = this
    this.proxy = await serveDockerProxy({ socket, project, tokens, host: '127.0.0.1', port, ops, netadminImage })
  }

  /** The port through the proxy. */
  as(credential: Credential): RuntimeInjector {
    return dockerRuntime({ url: this.proxy.url, token: this.tokens[credential], project: this.name, baseline: this.baseline })
  }

  /** Ids of the containers of a service, as compose sees them, running or not. */
  async ids(service: string): Promise<string[]> {
    return (await this.compose('ps', '--all', '--quiet', service)).split('\n').filter(Boolean)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy?.close()
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout', '0').catch(() => {})
    const left = await docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${this.name}`)
    if (left.trim()) await docker('rm', '--force', '--volumes', ...left.trim().split('\n'))
    this.folder[Symbol.dispose]()
  }
}
