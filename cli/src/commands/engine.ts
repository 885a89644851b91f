import { resolve } from 'node:path'
import { TriageError } from '@triage/contracts'
import { Command, Option } from 'commander'
import type { EngineRecord } from '../engine/records.ts'
import { enoughMemoryMb, isFile, type Kind, modelFile, type Spec } from '../engine/spec.ts'
import { untilInterrupted } from '../interrupt.ts'
import { dataPaths } from '../launcher/folders.ts'
import { modelChain } from '../model-chain.ts'
import { enginesText, settingsText, waysText } from '../render/engines.ts'
import { printable, style } from '../render/style.ts'
import { localEngine } from './discover.ts'
import { commonOf, print, wholeNumber } from './options.ts'

interface Wanted {
  name: string
  kind?: Kind
  image?: string
  port?: number
  memory?: number
  context?: number
  gpuLayers?: number
  detach?: boolean
  wait: number
}

/** Only who runs engines loads what that needs. */
async function enginesOf(data: string) {
  const { Engines } = await import('../engine/engines.ts')
  return new Engines(dataPaths(data).engines, localEngine())
}

const usualContext = 8192

/** @param before what the engine ran last: what is not said is as it was then, unless another model is named */
async function specOf(named: string | undefined, wanted: Wanted, before: Spec | null): Promise<Spec> {
  const last = named === undefined ? before : null
  const model = named ?? last?.model
  if (model === undefined) throw new TriageError('E_USAGE', "name a model: a GGUF file, or one of Ollama's library, as qwen3:4b")
  const { name, kind, image, memory, context, gpuLayers } = wanted
  const file = isFile(model) ? await modelFile(resolve(model)) : null
  if (!file && kind === 'llama') throw new TriageError('E_ENGINE_MODEL', `llama.cpp needs a GGUF file, and ${model} is none`)
  if (image && !kind) throw new TriageError('E_USAGE', '--image needs --kind')
  const usual: Kind[] = file ? ['llama', 'ollama'] : ['ollama']
  return {
    name,
    model: file?.path ?? model,
    kinds: kind ? [kind] : (last?.kinds ?? usual),
    image: image ?? (kind ? null : (last?.image ?? null)),
    context_tokens: context ?? last?.context_tokens ?? usualContext,
    gpu_layers: gpuLayers ?? last?.gpu_layers ?? 0,
    memory_mb: memory ?? last?.memory_mb ?? enoughMemoryMb(file?.bytes ?? 0)
  }
}

const upCommand = (): Command =>
  new Command('up')
    .description('run a language model here: in a container, or by a program on PATH; one that is there is taken as it is')
    .argument('[model]', "GGUF file, or a model of Ollama's library; without it, the one of last time")
    .option('--name <name>', 'several engines stand side by side', 'default')
    .addOption(new Option('--kind <kind>', 'server that runs it').choices(['llama', 'ollama']))
    .option('--image <image>', 'instead of the usual image of the kind')
    .option('--port <port>', 'port on 127.0.0.1; by default the one of last time, or a free one', wholeNumber('--port', 1))
    .option('--memory <MB>', 'limit of the container; by default what the file needs, at least 4096', wholeNumber('--memory', 16))
    .option('--context <tokens>', `tokens of prompt and answer; ${usualContext} by default`, wholeNumber('--context', 256))
    .option('--gpu-layers <n>', 'layers that a GPU computes; none by default', wholeNumber('--gpu-layers'))
    .option('--wait <seconds>', 'how long it may take until the model answers', wholeNumber('--wait', 1), 180)
    .option('--detach', 'leave it running; otherwise it is stopped at Ctrl-C, unless it was there before')
    .action(async (model: string | undefined, wanted: Wanted, command: Command) => {
      const common = commonOf(command)
      const { signal } = untilInterrupted()
      const engines = await enginesOf(common.data)
      const before = await engines.records.find(wanted.name)
      const spec = await specOf(model, wanted, before?.spec ?? null)
      const { record, started } = await engines.up(spec, {
        port: wanted.port ?? null,
        timeoutMs: wanted.wait * 1000,
        signal,
        log: (line) => console.error(style.dim(line))
      })
      print(common, { ...record, started }, () => settingsText(record, started))
      if (wanted.detach || !started) return
      await engines.watch(record, signal).finally(() => engines.stop(wanted.name))
    })

const downCommand = (): Command =>
  new Command('down')
    .description('stop an engine and remove what it left, its models included; one that was there before stays')
    .argument('[name]', 'of the engine', 'default')
    .option('--all', 'every engine')
    .option('--forget', 'its model and port too')
    .action(async (name: string, { all, forget }: { all?: boolean; forget?: boolean }, command: Command) => {
      const common = commonOf(command)
      const engines = await enginesOf(common.data)
      const names = all ? (await engines.records.all()).map(({ spec }) => spec.name) : [name]
      const records: EngineRecord[] = []
      for (const each of names) records.push(await engines.down(each, { forget }))
      print(common, records, () =>
        records.map(({ spec, at }) => `${spec.name} ${at?.place === 'adopted' ? 'is let go; it runs on' : 'is down'}`).join('\n')
      )
    })

const statusCommand = (): Command =>
  new Command('status').description('show the engines, and the ways and fallbacks in their order').action(async (_, command: Command) => {
    const common = commonOf(command)
    const engines = await enginesOf(common.data)
    const { engineStates, wayStates } = await import('../engine/states.ts')
    const [states, ways, chain] = await Promise.all([engineStates(engines), wayStates(engines), modelChain()])
    print(common, { engines: states, ways, chain: [...chain, { role: 'rulebook' }] }, () =>
      [enginesText(states), waysText(ways, chain)].join('\n')
    )
  })

const logsCommand = (): Command =>
  new Command('logs')
    .description('what an engine printed last')
    .argument('[name]', 'of the engine', 'default')
    .option('--tail <lines>', 'how many lines', wholeNumber('--tail', 1), 100)
    .action(async (name: string, { tail }: { tail: number }, command: Command) => {
      const common = commonOf(command)
      const engines = await enginesOf(common.data)
      const server = engines.serverOf(await engines.records.get(name))
      if (!server) throw new TriageError('E_ENGINE_UNKNOWN', `${name} is down, or was not started here: it has no log`)
      const text = await server.logs(tail)
      print(common, { name, lines: text.split('\n') }, () => printable(text.trimEnd()))
    })

export const engineCommand = (): Command => {
  const command = new Command('engine').description('run language models on this machine, for those who have no server')
  for (const sub of [upCommand, downCommand, statusCommand, logsCommand]) command.addCommand(sub())
  return command
}
