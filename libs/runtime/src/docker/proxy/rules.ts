// What is let through to the engine, and for whom. What stands here in no line is refused.
import type { ContainerCreateOptions } from 'dockerode'
import type { Credential, Operation } from '../../op-log.ts'
import { commandsOf, isInjectors } from '../exec.ts'
import { putFiles } from '../files.ts'
import { compose, triage, workloadOf } from '../labels.ts'
import type { Call } from './call.ts'
import { checkCreate } from './create-check.ts'
import { redactArchive, redactInspection, redactList, timeAlone } from './redact.ts'
import { Refusal } from './refusal.ts'

export interface Rule {
  needs: Credential
  /** An effect, which is recorded. */
  op?: Operation
  /** Throws Refusal. */
  check?(call: Call): Promise<void>
  /** Takes the place of a successful answer's body. */
  answer?(body: Buffer, call: Call): Buffer
}

/** By method and path without the version; `*` stands for one id or name. */
export const rules: Record<string, Rule> = {
  'GET /_ping': { needs: 'reader' },
  'GET /version': { needs: 'reader' },
  'GET /info': { needs: 'reader', answer: timeAlone },
  'GET /events': { needs: 'reader', check: narrow },
  'GET /networks': { needs: 'reader', check: narrow },
  'GET /containers/json': { needs: 'reader', check: narrow, answer: forReaders(redactList) },
  'GET /containers/*/json': { needs: 'reader', check: container, answer: forReaders(redactInspection) },
  'GET /containers/*/logs': { needs: 'reader', check: container },
  'GET /containers/*/stats': { needs: 'reader', check: container },
  'HEAD /containers/*/archive': { needs: 'reader', check: readFile },
  'GET /containers/*/archive': { needs: 'reader', check: readFile, answer: forReaders(redactArchive) },
  'PUT /containers/*/archive': { needs: 'writer', check: writeFile },
  'POST /containers/create': { needs: 'writer', op: 'create', check: create },
  'POST /containers/*/start': { needs: 'writer', op: 'start', check: container },
  'POST /containers/*/stop': { needs: 'writer', op: 'stop', check: container },
  'POST /containers/*/restart': { needs: 'writer', op: 'restart', check: container },
  'POST /containers/*/kill': { needs: 'writer', op: 'kill', check: container },
  'POST /containers/*/unpause': { needs: 'writer', op: 'unpause', check: container },
  'POST /containers/*/rename': { needs: 'writer', check: container },
  'DELETE /containers/*': { needs: 'writer', op: 'remove', check: remove },
  'POST /containers/*/exec': { needs: 'writer', op: 'exec', check: exec, answer: rememberExec },
  'POST /exec/*/start': { needs: 'writer', check: ownExec },
  'GET /exec/*/json': { needs: 'writer', check: ownExec },
  'POST /networks/*/connect': { needs: 'writer', op: 'attach_network', check: network },
  'POST /networks/*/disconnect': { needs: 'writer', op: 'detach_network', check: network },
  'POST /containers/*/pause': { needs: 'injector', op: 'pause', check: container },
  'POST /containers/*/wait': { needs: 'injector', check: container }
}

async function container(call: Call): Promise<void> {
  const { id, workload } = await call.members.member(call.id)
  call.id = id
  call.target = workload
}

/** Lists and events tell of this project alone. */
async function narrow({ members, query }: Call): Promise<void> {
  const filters = parse<Record<string, unknown>>(Buffer.from(query.get('filters') ?? '{}'))
  const labels = Array.isArray(filters.label) ? filters.label.map(String) : []
  query.set('filters', JSON.stringify({ ...filters, label: [...labels, `${compose.project}=${members.project}`] }))
}

/** Files that the container is configured with. */
async function readFile(call: Call): Promise<void> {
  await container(call)
  const { Mounts, Config } = await call.members.container(call.id)
  const paths = [...Mounts.filter(({ Type }) => Type === 'bind').map(({ Destination }) => Destination), ...putFiles(Config.Labels)]
  const path = call.query.get('path') ?? ''
  if (!paths.includes(path) || path.startsWith('/run/secrets/'))
    throw new Refusal(`${path} is no file that the container is configured with`)
}

async function writeFile(call: Call): Promise<void> {
  await container(call)
  const { State } = await call.members.container(call.id)
  if (State.Status !== 'created') throw new Refusal('Files are put into a container before its first start')
  call.send = call.body
}

async function create(call: Call): Promise<void> {
  const body = read<ContainerCreateOptions>(call)
  await checkCreate(call, body)
  call.target = workloadOf(body.Labels ?? {}) ?? ''
}

/** Volumes stay, and so does the last container of a service that has ever run. */
async function remove(call: Call): Promise<void> {
  const found = await call.members.container(call.id).catch((refusal: Refusal) => {
    throw call.credential === 'injector' ? refusal : new Refusal(`There is no container ${call.id} of a service`)
  })
  const { Config, State } = found
  const service = workloadOf(Config.Labels)
  call.id = found.Id
  call.target = service ?? ''
  if (call.query.get('v') && !['0', 'false'].includes(call.query.get('v')!)) throw new Refusal('Volumes are not removed')
  if (Config.Labels[triage.beside]) {
    if (call.credential !== 'injector') throw new Refusal('Only the injector may remove what was launched')
    return
  }
  const others = (await call.members.containers()).filter(({ Id, Labels }) => Id !== found.Id && workloadOf(Labels) === service)
  if (others.length === 0 && State.Status !== 'created') throw new Refusal(`This is the last container of ${service}`)
}

async function exec(call: Call): Promise<void> {
  await container(call)
  const { Config } = await call.members.container(call.id)
  const { Cmd, AttachStdout, AttachStderr, Tty, ...rest } = read<{ Cmd?: string[]; [key: string]: unknown }>(call)
  const listed = Object.values(commandsOf(Config.Image, Config.Labels))
  const allowed = listed.some((argv) => argv.length > 0 && argv.every((argument, index) => argument === Cmd?.[index]))
  if (!allowed && !(call.credential === 'injector' && isInjectors(Cmd ?? [])))
    throw new Refusal('This command is not on the list of the container')
  const extra = Object.keys(rest)[0]
  if (extra || Tty) throw new Refusal(`A command is run without ${extra ?? 'Tty'}`)
}

function rememberExec(body: Buffer, { execs, credential }: Call): Buffer {
  if (execs.size >= 1000) execs.delete(execs.keys().next().value!)
  execs.set(parse<{ Id: string }>(body).Id, credential)
  return body
}

async function ownExec(call: Call): Promise<void> {
  if (call.execs.get(call.id) !== call.credential) throw new Refusal('This command was started by somebody else')
  if (call.body.length > 0) call.send = Buffer.from(JSON.stringify({ Detach: false, Tty: false }))
}

async function network(call: Call): Promise<void> {
  const {
    Container = '',
    EndpointConfig: _,
    Force: __,
    ...rest
  } = read<{ Container?: string; EndpointConfig?: object; Force?: boolean }>(call)
  if (Object.keys(rest).length > 0) throw new Refusal(`A network is given nothing else than a container: ${Object.keys(rest)[0]}`)
  const { Config } = await call.members.container(Container)
  call.id = await call.members.network(call.id)
  call.target = workloadOf(Config.Labels) ?? ''
}

function forReaders(redact: (body: Buffer) => Buffer): Rule['answer'] {
  return (body, { credential }) => (credential === 'reader' ? redact(body) : body)
}

/** The body is sent as it was understood: of keys that are there twice, the engine would understand another one. */
function read<T extends object>(call: Call): T {
  const value = parse<T>(call.body)
  call.send = Buffer.from(JSON.stringify(value))
  return value
}

function parse<T extends object>(body: Buffer): T {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null) return value as T
  } catch {
    // Said below.
  }
  throw new Refusal('The request is not a JSON object', 400)
}
