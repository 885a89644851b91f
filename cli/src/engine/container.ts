// Model servers in containers of a Docker Engine on this machine.
import { hash } from 'node:crypto'
import { addAbortSignal, Readable } from 'node:stream'
import { TriageError } from '@triage/contracts'
import { Engine, frames } from '@triage/runtime/docker'
import { kinds } from './kinds.ts'
import { exitOf, type ModelServer } from './server.ts'
import { isFile, type Kind, type Spec } from './spec.ts'

const inside = '/models/model.gguf'

export interface Fetching {
  signal?: AbortSignal
  log?: (line: string) => void
}

export class Containers {
  readonly #engine: Engine
  readonly #data: string

  /** @param data folder that the engines belong to: another one may have engines of the same names */
  constructor(url: string, data: string) {
    this.#engine = new Engine({ url })
    this.#data = data
  }

  #nameOf(name: string): string {
    return `triage-engine-${name}-${hash('sha256', this.#data).slice(0, 8)}`
  }

  /** Whether it is there or not. */
  of(name: string): ContainerServer {
    return new ContainerServer(this.#engine, this.#nameOf(name))
  }

  /** Why no container can be started from the image; null when one can. @param fetching how one that is missing is pulled; null: not */
  async whyNot(image: string, fetching: Fetching | null): Promise<string | null> {
    try {
      await this.#engine.ask(() => this.#engine.quick.getImage(image).inspect())
      return null
    } catch (error) {
      const { code, message } = TriageError.from(error)
      if (code !== 'E_RUNTIME_IMAGE_MISSING') return message
      if (!fetching) return `the image is not here: docker pull ${image}`
    }
    fetching.log?.(`fetching the image ${image}`)
    return this.#pull(image, fetching).then(
      () => null,
      (error) => `the image is not here and cannot be fetched; try docker pull ${image}: ${this.#engine.errorOf(error).message}`
    )
  }

  async #pull(image: string, { signal }: Fetching): Promise<void> {
    const { streaming } = this.#engine
    const progress = (await streaming.pull(image)) as Readable
    if (signal) addAbortSignal(signal, progress)
    await new Promise<void>((resolve, reject) => streaming.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())))
  }

  /** On a port of the loopback, in the place of what is left of one before. */
  async start(kind: Kind, spec: Spec, port: number): Promise<ContainerServer> {
    const { image, port: listens, store, start } = kinds[kind]
    const name = this.#nameOf(spec.name)
    const server = this.of(spec.name)
    const { args, env } = start(spec, inside, '0.0.0.0', listens)
    await server.stop()
    // What the swarm looks at does not include it.
    const Labels = { 'triage.engine': spec.name, 'triage.watch': 'false' }
    if (store) await this.#engine.ask(() => this.#engine.quick.createVolume({ Name: name, Labels }))
    const container = await this.#engine.ask(() =>
      this.#engine.patient.createContainer({
        name,
        Image: spec.image ?? image,
        Cmd: args,
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        Labels,
        ExposedPorts: { [`${listens}/tcp`]: {} },
        HostConfig: {
          PortBindings: { [`${listens}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: `${port}` }] },
          Mounts: [
            ...(isFile(spec.model) && !store ? [{ Type: 'bind' as const, Source: spec.model, Target: inside, ReadOnly: true }] : []),
            ...(store ? [{ Type: 'volume' as const, Source: name, Target: store }] : [])
          ],
          Memory: spec.memory_mb * 1024 ** 2,
          // No swap: a model that does not fit ends rather than crawls.
          MemorySwap: spec.memory_mb * 1024 ** 2,
          ReadonlyRootfs: true,
          Tmpfs: { '/tmp': '' },
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges'],
          Init: true,
          ...(spec.gpu_layers > 0 && { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] })
        }
      })
    )
    await this.#engine.ask(() => container.start()).catch((error) => server.remove().then(() => Promise.reject(error)))
    return server
  }
}

class ContainerServer implements ModelServer {
  readonly #engine: Engine
  readonly #name: string

  constructor(engine: Engine, name: string) {
    this.#engine = engine
    this.#name = name
  }

  get #container() {
    return this.#engine.patient.getContainer(this.#name)
  }

  async ended(): Promise<string | null> {
    const found = await this.#engine.ask(() => this.#container.inspect(), { fine: [404] })
    if (!found) return 'its container is gone'
    const { Running, OOMKilled, ExitCode, Error: said } = found.State
    if (Running) return null
    const limit = `its ${found.HostConfig.Memory! / 1024 ** 2} MB`
    return OOMKilled ? exitOf(null, 'SIGKILL', limit) : said || exitOf(ExitCode, null, limit)
  }

  async logs(lines: number): Promise<string> {
    const options = { follow: false as const, stdout: true, stderr: true, tail: lines }
    const bytes = await this.#engine.ask(() => this.#container.logs(options), { fine: [404] })
    let text = ''
    for await (const { data } of frames(Readable.from([bytes ?? Buffer.alloc(0)]))) text += data.toString('utf8')
    return text
  }

  async stop(): Promise<void> {
    await this.#engine.ask(() => this.#container.remove({ force: true }), { fine: [404] })
  }

  async remove(): Promise<void> {
    await this.stop()
    await this.#engine.ask(() => this.#engine.patient.getVolume(this.#name).remove(), { fine: [404] })
  }
}
