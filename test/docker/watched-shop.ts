// The mini-cloud in containers with what looks at it and repairs it, as the swarm's own code does: the monitor's look, the log agent
// and the metric agent, the rulebook, the effects. No bus, no policy: what is recognised, and whether the action helps, is the question.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@triage/bus/testing'
import type { ActionType, Observation, Task, TaskRequest } from '@triage/contracts'
import { type Decision, decide, loadRulebook } from '@triage/rulebook'
import type { RuntimeInjector } from '@triage/runtime'
import { dockerRuntime, takeBaseline } from '@triage/runtime/docker'
import { Scrapes, Vitals } from '@triage/telemetry'
import { type DockerProxy, serveDockerProxy } from '../../libs/runtime/src/docker/proxy/proxy.ts'
import { socket } from '../../libs/runtime/src/docker/test-project.ts'
import { operationsFile } from '../../libs/runtime/src/op-log.ts'
import { randomTokens } from '../../libs/runtime/src/token.ts'
import { effects } from '../../services/action-agent/src/effects/catalogue.ts'
import { awaitPostcondition } from '../../services/action-agent/src/postcondition.ts'
import { LogAgent } from '../../services/log-agent/src/log-agent.ts'
import { MetricAgent } from '../../services/metric-agent/src/metric-agent.ts'
import { disagreements } from '../../services/monitor/src/disagreements.ts'
import { inventoryOf } from '../../services/monitor/src/inventory.ts'
import { observe } from '../../services/monitor/src/observe.ts'
import { World } from '../../services/monitor/src/world.ts'
import { ComposeProject, docker } from './compose-project.ts'

const rulebook = await loadRulebook(join(import.meta.dirname, '../../rulebook'))
/** Until then every series has a baseline. */
const warmUpMs = 8_000

export interface Diagnosis {
  decision: Decision
  observations: Observation[]
  /** How long the round of observation took. */
  tookMs: number
}

export class WatchedShop implements AsyncDisposable {
  readonly project = new ComposeProject(`triage-recognise-${process.pid}`, ['compose/minicloud.yaml'])
  readonly #folder = mkdtempSync(join(tmpdir(), 'triage-recognise-'))
  readonly #tokens = randomTokens()
  #proxy!: DockerProxy
  #world!: World
  #metrics!: MetricAgent
  #logs!: LogAgent
  #sampling: { stop(): Promise<void> } | undefined

  /** Up, healthy, its good state on record, and watched for long enough to know what is usual. */
  async start(): Promise<void> {
    const { name } = this.project
    await this.project.compose('up', '--detach', '--wait', '--wait-timeout', '90')
    const ops = operationsFile(this.#folder)
    this.#proxy = await serveDockerProxy({ socket, project: name, tokens: this.#tokens, host: '127.0.0.1', port: 0, ops })
    await takeBaseline({ url: `unix://${socket}`, project: name, baseline: join(this.#folder, 'baseline') })
    const reader = this.as('reader')
    this.#world = new World(reader)
    this.#metrics = new MetricAgent(reader, new Vitals(reader, new Scrapes(), { withUsage: true }), { warn: () => {} })
    this.#logs = new LogAgent(reader)
    this.#sampling = this.#metrics.sampleEvery(500)
    await this.well()
    await new Promise((resolve) => setTimeout(resolve, warmUpMs))
  }

  as(credential: 'reader' | 'writer' | 'injector'): RuntimeInjector {
    const token = this.#tokens[credential]
    return dockerRuntime({ url: this.#proxy.url, token, project: this.project.name, baseline: join(this.#folder, 'baseline') })
  }

  /** One round: what the three collectors see, and what the rulebook makes of it. */
  async diagnose(): Promise<Diagnosis> {
    const began = performance.now()
    await this.#world.look()
    const look = await this.#world.look()
    const seen = await Promise.all([observe(look, this.#world, 'obs-mo'), this.#metrics.observe('obs-ma'), this.#logs.observe('obs-la')])
    const observations = seen.flat()
    const inventory = inventoryOf('docker', look.workloads, look.at)
    const incident = { id: 'inc-20260101-1', text: 'the shop is broken' }
    const decision = decide(rulebook, { incident, round: 0, observations, inventory, tried: [] })
    return { decision, observations, tookMs: performance.now() - began }
  }

  /** The first diagnosis that would change something. */
  async firstAction(): Promise<Diagnosis> {
    let last: Diagnosis | undefined
    const proposed = until('an action to be proposed', async () => {
      last = await this.diagnose()
      return actionsOf(last.decision).length > 0 ? last : null
    })
    return proposed.catch((error: Error) => {
      throw new Error(`${error.message}; seen:\n${last?.observations.map(({ summary }) => summary).join('\n')}`, { cause: error })
    })
  }

  /** Carries an action out as the action agent does; throws what stands against it, or what it did not bring about. */
  async carryOut(task: Task): Promise<void> {
    const effect = effects[task.type as ActionType]!
    const request = { task, idempotency_key: randomUUID(), incident_id: 'inc-20260101-1', plan_version: 1 } as TaskRequest
    const read = { runtime: this.as('writer'), request }
    const against = await effect.precondition(read, await read.runtime.inspect(task.target))
    if (against) throw new Error(`${task.type} ${task.target}: ${against}`)
    const context = { ...read, before: await effect.undoData(read) }
    await effect.act(context)
    const wrong = await awaitPostcondition(context, task.expect!)
    if (wrong) throw new Error(`${task.type} ${task.target}: ${wrong}`)
  }

  /** Nothing disagrees any more, three times in a row. */
  async well(): Promise<void> {
    let agreed = 0
    let last: string[] = []
    await until(
      'the shop to be well',
      async () => {
        last = disagreements(await this.#world.look())
        agreed = last.length === 0 ? agreed + 1 : 0
        return agreed >= 3
      },
      90_000
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${last.join('; ')}`, { cause: error })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sampling?.stop()
    await this.#proxy?.close()
    // Compose takes down what it started, and its networks only when nobody is in them.
    const launched = await docker([
      'ps',
      '--all',
      '--quiet',
      '--filter',
      `label=com.docker.compose.project=${this.project.name}`,
      '--filter',
      'label=triage.launched'
    ])
    if (launched) await docker(['rm', '--force', ...launched.split('\n')])
    await this.project[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export const actionsOf = ({ plan }: Decision): Task[] => (plan?.tasks ?? []).filter(({ assigned_to }) => assigned_to === 'action-agent')
