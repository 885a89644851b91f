// Runs a command beside a container, from the list of those that its image and labels allow.
import { isDeepStrictEqual } from 'node:util'
import { TriageError } from '@triage/contracts'
import type { ContainerInspectInfo } from 'dockerode'
import type { ExecResult } from '../port.ts'
import type { Engine } from './engine.ts'
import { frames } from './frames.ts'
import { imageName } from './kind.ts'
import { type Labels, triage } from './labels.ts'

const limitMs = 8000
const maxBytes = 1024 ** 2

/** What comes with an image of this name and does no harm that its service cannot do itself. */
const byImage: Record<string, Record<string, string[]>> = {
  redis: { 'redis-cli': ['redis-cli'] },
  valkey: { 'valkey-cli': ['valkey-cli'], 'redis-cli': ['valkey-cli'] },
  postgres: { pg_isready: ['pg_isready'] }
}

/** What the injector may run in any container, by name, and nobody else: whole commands, to which nothing is added. */
const byInjector: Record<string, string[]> = {
  // As many as keep a container's share of the processor from its service, and have room below a usual limit of processes.
  'keep-busy': ['sh', '-c', `for i in ${'. '.repeat(64)}; do while :; do :; done & done >/dev/null 2>&1 </dev/null`],
  // All but the first process, which is sent signals through the engine.
  freeze: ['sh', '-c', 'kill -STOP -1'],
  thaw: ['sh', '-c', 'kill -CONT -1']
}

export const isInjectors = (argv: readonly string[]): boolean => Object.values(byInjector).some((each) => isDeepStrictEqual(each, argv))

/** Commands by name: program and first arguments. A label that names none is as good as none. */
export function commandsOf(image: string, labels: Labels): Record<string, string[]> {
  const declared = Object.entries(labels)
    .filter(([label]) => label.startsWith(triage.command))
    .map(([label, value]) => [label.slice(triage.command.length), argvOf(value)] as const)
    .filter(([, argv]) => argv.length > 0)
  return { ...byImage[imageName(image)], ...Object.fromEntries(declared) }
}

/** Throws E_RUNTIME_FORBIDDEN for a command that is on neither list. Who may not run the injector's is told by the proxy. */
function commandLine({ Config }: Pick<ContainerInspectInfo, 'Config'>, [name = '', ...args]: readonly string[]): string[] {
  const commands = commandsOf(Config.Image, Config.Labels)
  if (!Object.hasOwn(commands, name) && Object.hasOwn(byInjector, name) && args.length === 0) return byInjector[name]!
  if (!Object.hasOwn(commands, name)) throw new TriageError('E_RUNTIME_FORBIDDEN', `There is no command ${name} on the list`)
  return [...commands[name]!, ...args]
}

/**
 * Throws E_TIMEOUT when it takes more than 8 s and E_RUNTIME_FAILED when it writes more than 1 MiB. It goes on in the
 * container then: engines cannot end it.
 */
export async function execute(engine: Engine, container: ContainerInspectInfo, argv: readonly string[]): Promise<ExecResult> {
  const Cmd = commandLine(container, argv)
  if (!container.State.Running) throw new TriageError('E_RUNTIME_FAILED', `${container.Name.slice(1)} does not run`)
  const exec = await engine.ask(() =>
    engine.quick.getContainer(container.Id).exec({ Cmd, AttachStdout: true, AttachStderr: true, Tty: false })
  )
  const stream = await engine.ask(() => exec.start({ Detach: false, Tty: false }))
  const timer = setTimeout(() => stream.destroy(new TriageError('E_TIMEOUT', `${argv[0]} took more than ${limitMs / 1000} s`)), limitMs)
  const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
  let bytes = 0
  try {
    for await (const { stream: name, data } of frames(stream)) {
      bytes += data.length
      if (bytes > maxBytes) throw new TriageError('E_RUNTIME_FAILED', `${argv[0]} wrote more than 1 MiB`)
      output[name].push(data)
    }
  } catch (error) {
    throw engine.errorOf(error)
  } finally {
    clearTimeout(timer)
    stream.destroy()
  }
  const { ExitCode } = await engine.ask(() => exec.inspect())
  const text = (name: 'stdout' | 'stderr') => Buffer.concat(output[name]).toString('utf8')
  return { exit_code: ExitCode ?? 0, stdout: text('stdout'), stderr: text('stderr') }
}

function argvOf(value: string): string[] {
  if (!value.startsWith('[')) return value.split(/\s+/).filter(Boolean)
  try {
    return (JSON.parse(value) as unknown[]).map(String)
  } catch {
    return []
  }
}
