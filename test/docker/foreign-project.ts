// A compose project whose owner has never heard of us: plain text logs, no metrics, hardly a dependency declared.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerRuntime } from '@triage/runtime/docker'
import { docker } from './compose-project.ts'

/** Path of the engine's socket. */
export const socket = process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') ?? '/var/run/docker.sock'
const base = 'node:24-trixie-slim'

/** Answers what its cache answers, and complains when that is not to be found. */
const web = `
const { connect } = require('node:net')
require('node:http').createServer((_, response) => {
  const cache = connect(6379, process.env.CACHE_HOST, () => { cache.destroy(); response.end('ok') })
  cache.on('error', ({ message }) => { console.error('Error: cannot connect to the cache: ' + message); response.writeHead(500).end() })
}).listen(3000)`

export class ForeignProject implements AsyncDisposable {
  readonly name = `triage-foreign-${process.pid}`
  /** An image of its own name, which can be taken away. */
  readonly image = `${this.name}:1`
  readonly #folder = mkdtempSync(join(tmpdir(), 'triage-foreign-'))
  readonly #runtime = dockerRuntime({ url: `unix://${socket}`, project: this.name })

  /** Resolves when all of it is healthy. */
  async start(): Promise<void> {
    await this.tagImage()
    const healthcheck = (...test: string[]) => ({ healthcheck: { test: ['CMD', ...test], interval: '1s', retries: 20 } })
    const probe = "fetch('http://localhost:3000/up').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"
    const services = {
      web: {
        image: this.image,
        init: true,
        command: ['node', '-e', web],
        ports: ['127.0.0.1::3000'],
        environment: { CACHE_HOST: 'cache', SESSION_SECRET: 'hunter2' },
        ...healthcheck('node', '-e', probe),
        depends_on: { migrate: { condition: 'service_completed_successfully' } }
      },
      cache: { image: 'redis:8', ...healthcheck('redis-cli', 'ping') },
      db: { image: 'postgres:17', environment: { POSTGRES_PASSWORD: 'hunter3' }, ...healthcheck('pg_isready', '-U', 'postgres') },
      migrate: { image: base, command: ['true'] },
      notes: { image: base, init: true, command: ['sleep', 'infinity'], labels: { 'triage.watch': 'false' } }
    }
    writeFileSync(join(this.#folder, 'compose.yaml'), JSON.stringify({ services }))
    await this.up()
  }

  async tagImage(): Promise<void> {
    await docker(['tag', base, this.image])
  }

  async removeImage(): Promise<void> {
    await docker(['rmi', '--force', this.image])
  }

  compose(...args: string[]): Promise<string> {
    return docker(['compose', '--project-name', this.name, '--project-directory', this.#folder, ...args])
  }

  /** As its owner does, who has changed nothing: what compose finds as it left it stays. */
  async up(): Promise<void> {
    await this.compose('up', '--detach', '--wait')
  }

  /** Each container that runs, with when it was started. */
  async runs(): Promise<string[]> {
    const ids = (await this.compose('ps', '--quiet')).split('\n').filter(Boolean)
    return (await docker(['inspect', '--format', '{{.Name}} {{.Id}} {{.State.StartedAt}}', ...ids])).split('\n').sort()
  }

  async variables(): Promise<Record<string, string>> {
    return (await this.#webConfig()).environment
  }

  /** Behind compose's back: a container of another image, in the place of the web's, looks for its cache where none is. */
  async drift(): Promise<void> {
    const { environment, ...rest } = await this.#webConfig()
    const drifted = { ...rest, image: base, environment: { ...environment, CACHE_HOST: 'cache.invalid' } }
    await this.#runtime.setConfig('web', JSON.stringify(drifted))
  }

  async #webConfig(): Promise<{ environment: Record<string, string> }> {
    return JSON.parse((await this.#runtime.getConfig('web')).text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout', '0')
    await this.removeImage().catch(() => {})
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
