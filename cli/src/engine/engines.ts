// Local model servers: brought up in the first way that works, remembered, found again, taken down.
import { setTimeout as sleep } from 'node:timers/promises'
import { TriageError } from '@triage/contracts'
import { checkFree, freePort } from '@triage/ports'
import { adoptable } from './adopt.ts'
import { untilItAnswers, type Waiting } from './answering.ts'
import { Containers, type Fetching } from './container.ts'
import { kinds } from './kinds.ts'
import { ProgramServer, startProgram, whyNoProgram } from './program.ts'
import { type EngineRecord, Records } from './records.ts'
import type { ModelServer } from './server.ts'
import type { Spec } from './spec.ts'
import { type Way, wayName, waysOf } from './ways.ts'

interface UpOptions extends Omit<Waiting, 'ended'> {
  /** Asked for by the user; null for the one of last time, or a free one. */
  port: number | null
}

const adoption = 'a server that has the model'
const lastLines = 5
const watchMs = 1000

/** Variables that make both protocols be looked for on one port. */
const placesOn = (port: number): NodeJS.ProcessEnv => ({
  ...process.env,
  OLLAMA_HOST: `http://127.0.0.1:${port}`,
  OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`
})

export class Engines {
  readonly records: Records
  readonly #containers: Containers

  constructor(folder: string, dockerUrl: string) {
    this.records = new Records(folder)
    this.#containers = new Containers(dockerUrl, folder)
  }

  /** Why a way cannot be gone; null when it can. @param fetching how a missing image is pulled; null: not */
  whyNot({ place, kind }: Way, image: string | null = null, fetching: Fetching | null = null): Promise<string | null> {
    return place === 'program' ? whyNoProgram(kind) : this.#containers.whyNot(image ?? kinds[kind].image, fetching)
  }

  /** The server that was started for an engine, be it up or not; null when there is none, or it is somebody else's. */
  serverOf({ spec, at }: EngineRecord): ModelServer | null {
    if (at?.place === 'program') return new ProgramServer(at.process!, this.records.folder, spec.name)
    return at?.place === 'container' ? this.#containers.of(spec.name) : null
  }

  /**
   * Resolves when the model answers. `started`: whether this call started its server.
   * @throws E_ENGINE_NONE with every way and why not; E_ENGINE_ENDED, E_TIMEOUT: then it is stopped; E_ENGINE_UP, E_PORT_IN_USE
   */
  async up(spec: Spec, options: UpOptions): Promise<{ record: EngineRecord; started: boolean }> {
    const before = await this.records.find(spec.name)
    return (await this.#again(spec, before, options)) ?? (await this.#adopt(spec, before, options)) ?? this.#start(spec, before, options)
  }

  /** Ours, which is up already. */
  async #again(spec: Spec, before: EngineRecord | null, options: UpOptions) {
    const server = before && this.serverOf(before)
    if (!server || (await server.ended())) return null
    if (JSON.stringify(before.spec) !== JSON.stringify(spec) || (options.port && options.port !== before.port))
      throw new TriageError('E_ENGINE_UP', `${spec.name} runs ${before.spec.model} on port ${before.port}`)
    await untilItAnswers(spec.model, before.client, { ...options, ended: () => server.ended() })
    return { record: before, started: false }
  }

  async #adopt(spec: Spec, before: EngineRecord | null, options: UpOptions) {
    const found = await adoptable(spec, options.port ? placesOn(options.port) : process.env)
    if (!found) return null
    await untilItAnswers(spec.model, found.client, { ...options, ended: async () => null })
    if (before) await this.#leave(before)
    const at = { place: 'adopted' as const, kind: found.kind, process: null }
    const record = { spec, port: null, at, client: found.client, passed: [] }
    await this.records.keep(record)
    return { record, started: false }
  }

  async #start(spec: Spec, before: EngineRecord | null, options: UpOptions) {
    const passed = [{ way: adoption, why: 'none answers where OLLAMA_HOST and OPENAI_BASE_URL point' }]
    const way = await this.#choose(spec, passed, options)
    // What was fetched for the same way is of use again.
    if (before && (before.at?.place !== way.place || before.at.kind !== way.kind)) await this.#leave(before)
    const port = await this.#portFor(options.port, before?.port ?? null)
    options.log?.(`starting a ${wayName(way)} on port ${port}`)
    const { server, process } = await this.#launch(way, spec, port)
    const client = kinds[way.kind].client(spec.model, `http://127.0.0.1:${port}`)
    const record: EngineRecord = { spec, port, at: { ...way, process }, client, passed }
    try {
      // Before it answers, so that it is found again whatever becomes of this process.
      await this.records.keep(record)
      await untilItAnswers(spec.model, client, { ...options, ended: () => server.ended() })
    } catch (error) {
      const said = TriageError.from(error).code === 'E_ENGINE_ENDED' ? await server.logs(lastLines).catch(() => '') : ''
      // What was fetched, now or before, stays when one interrupts, and for another try.
      if (options.signal?.aborted || before?.at) await server.stop()
      else {
        await server.remove()
        await this.records.keep({ ...record, at: null })
      }
      if (!said) throw error
      throw new TriageError('E_ENGINE_ENDED', `${TriageError.from(error).message}\n${said.trimEnd()}`, { cause: error })
    }
    return { record, started: true }
  }

  /** Nothing is left of what an engine was before; as far as that can be reached. */
  async #leave(before: EngineRecord): Promise<void> {
    await this.serverOf(before)
      ?.remove()
      .catch(() => {})
  }

  /** The first way that can be gone. Those before it are added to `passed`. */
  async #choose(spec: Spec, passed: EngineRecord['passed'], options: UpOptions): Promise<Way> {
    for (const way of waysOf(spec)) {
      const why = await this.whyNot(way, spec.image, options)
      options.signal?.throwIfAborted()
      if (why === null) return way
      passed.push({ way: wayName(way), why })
    }
    throw new TriageError('E_ENGINE_NONE', passed.map(({ way, why }) => `${way}: ${why}`).join('\n'))
  }

  /** The one that is asked for, or no other; else that of last time, if it is free. */
  async #portFor(asked: number | null, last: number | null): Promise<number> {
    if (asked !== null) {
      await checkFree(asked)
      return asked
    }
    const free =
      last !== null &&
      (await checkFree(last).then(
        () => true,
        () => false
      ))
    return free ? last : freePort()
  }

  async #launch({ place, kind }: Way, spec: Spec, port: number) {
    if (place === 'container') return { server: await this.#containers.start(kind, spec, port), process: null }
    const server = await startProgram(kind, spec, port, this.records.folder)
    return { server, process: server.process }
  }

  /** Stays until the signal. @throws E_ENGINE_ENDED when its server ends before */
  async watch(record: EngineRecord, signal: AbortSignal): Promise<void> {
    const server = this.serverOf(record)!
    while (!signal.aborted) {
      const why = await server.ended()
      if (why) throw new TriageError('E_ENGINE_ENDED', why)
      await sleep(watchMs, null, { signal }).catch(() => {})
    }
  }

  /** Ends what was started; what it fetched stays for the next time. */
  async stop(name: string): Promise<void> {
    await this.serverOf(await this.records.get(name))?.stop()
  }

  /** Ends what was started and leaves nothing of it but its port and model, which are remembered; one that was adopted stays. */
  async down(name: string, { forget = false } = {}): Promise<EngineRecord> {
    const record = await this.records.get(name)
    await this.serverOf(record)?.remove()
    await (forget ? this.records.forget(name) : this.records.keep({ ...record, at: null }))
    return record
  }
}
