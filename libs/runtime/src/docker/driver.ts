// The Docker driver: the runtime port on one compose project, which is found by its labels.
import type { EffectOptions, RuntimeInjector } from '../port.ts'
import { Baseline } from './baseline.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { execute } from './exec.ts'
import { launch, remove, runInNetwork } from './launch.ts'
import { attach, detach } from './networks.ts'
import { Observer } from './observe.ts'
import type { Vantage } from './probes.ts'
import { Project } from './project.ts'
import { kill, restart, setConfig, start, stopAll } from './repair.ts'
import { scale } from './scale.ts'
import { StatsMeter } from './stats.ts'
import { watch } from './watch.ts'

export interface DockerRuntimeOptions extends EngineOptions {
  /** Name of the compose project. */
  project: string
  /** Folder of the last known good state, as `takeBaseline` wrote it. */
  baseline?: string
  /** Where probes are made from. The host unless told. */
  vantage?: Vantage
}

/** The port on a compose project. What a filtering proxy does not let through throws E_RUNTIME_FORBIDDEN. */
export function dockerRuntime({ project: name, baseline: folder, vantage = 'host', ...options }: DockerRuntimeOptions): RuntimeInjector {
  const engine = new Engine(options)
  const project = new Project(engine, name)
  const baseline = folder === undefined ? null : new Baseline(folder, name)
  const observer = new Observer(engine, project, baseline, vantage)
  const meter = new StatsMeter(engine, project)
  const effect = (options: EffectOptions = {}) => engine.for(options.idempotency_key)

  return {
    kind: 'docker',
    list: () => observer.list(),
    inspect: (name) => observer.inspect(name),
    logs: (name, query = {}) => observer.logs(name, query),
    stats: () => meter.stats(),
    clock: async () => Date.parse((await engine.ask(() => engine.quick.info())).SystemTime),
    configDiff: (name) => observer.configDiff(name),
    watch: (signal) => watch(engine, project, signal),
    start: (name, options) => start(effect(options), project, baseline, name),
    stop: (name, options) => stopAll(effect(options), project, name),
    restart: (name, options) => restart(effect(options), project, name),
    kill: (name, signal, options) => kill(effect(options), project, name, signal),
    exec: async (name, argv, options) => execute(effect(options), (await project.get(name)).containers[0], argv),
    getConfig: (name) => observer.getConfig(name),
    setConfig: (name, text, options) => setConfig(effect(options), project, name, text),
    scale: async (name, replicas, options) => scale(effect(options), await project.get(name), replicas),
    attachNetwork: async (name, network, options) =>
      attach(effect(options), project, await project.get(name), network, baseline?.configs()?.services[name]?.template),
    detachNetwork: async (name, network, options) => detach(effect(options), project, await project.get(name), network),
    launch: async (spec, beside, options) => launch(effect(options), project, spec, await project.get(beside)),
    runInNetwork: async (name, image, argv, options) => runInNetwork(effect(options), project, await project.get(name), image, argv),
    remove: (name, options) => remove(effect(options), project, name),
    pause: async (name, options) => eachContainer(name, (id) => effect(options).quick.getContainer(id).pause()),
    unpause: async (name, options) => eachContainer(name, (id) => effect(options).quick.getContainer(id).unpause())
  }

  async function eachContainer(name: string, act: (id: string) => Promise<unknown>): Promise<void> {
    for (const { Id } of (await project.get(name)).containers) await engine.ask(() => act(Id), { fine: [409] })
  }
}
