// The small files that a container is configured with: mounted ones, and those that were put into it when it was recreated.
import { TriageError } from '@triage/contracts'
import type { ContainerInspectInfo } from 'dockerode'
import type { Engine } from './engine.ts'
import { triage } from './labels.ts'
import { packFile, unpackFile } from './tar.ts'

const maxFileBytes = 64 * 1024
/** Bits of Go's os.FileMode that say that something is no regular file. */
const notRegular = 0x8f280000
/** Where compose mounts secrets: they are never read. */
const secrets = '/run/secrets/'

/** Paths of files that were put into a container. */
export const putFiles = (labels: Record<string, string>): string[] => JSON.parse(labels[triage.files] ?? '[]') as string[]

/** Text by path. What is larger than 64 KiB, no regular file, or a secret is left out. */
export async function readFiles(engine: Engine, { Id, Mounts, Config }: ContainerInspectInfo): Promise<Record<string, string>> {
  const mounted = Mounts.filter(({ Type }) => Type === 'bind').map(({ Destination }) => Destination)
  const paths = [...new Set([...mounted, ...putFiles(Config.Labels)])].filter((path) => !path.startsWith(secrets)).toSorted()
  const texts = await Promise.all(paths.map((path) => readFile(engine, Id, path)))
  return Object.fromEntries(paths.flatMap((path, index) => (texts[index] === null ? [] : [[path, texts[index]!]])))
}

async function readFile(engine: Engine, id: string, path: string): Promise<string | null> {
  const container = engine.quick.getContainer(id)
  const info = (await engine.ask(() => container.infoArchive({ path }), { fine: [404] })) as Answer | null
  info?.resume()
  const stat = info && (JSON.parse(Buffer.from(header(info, 'x-docker-container-path-stat'), 'base64').toString()) as PathStat)
  if (!stat || (stat.mode & notRegular) !== 0 || stat.size > maxFileBytes) return null
  const answer = (await engine.ask(() => container.getArchive({ path }))) as Answer
  const chunks: Buffer[] = []
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  // A filtering proxy tells readers no more than the digest.
  return header(answer, 'content-type').startsWith('application/json') ? (JSON.parse(body.toString()) as string) : unpackFile(body)
}

/** Puts a file into a container that does not run. */
export async function putFile(engine: Engine, id: string, path: string, text: string): Promise<void> {
  if (Buffer.byteLength(text) > maxFileBytes) throw new TriageError('E_RUNTIME_UNSUPPORTED', `${path} would be larger than 64 KiB`)
  await engine.ask(() => engine.quick.getContainer(id).putArchive(packFile(path, text), { path: '/' }))
}

interface PathStat {
  size: number
  mode: number
}

type Answer = NodeJS.ReadableStream & { headers: Record<string, string | undefined> }

const header = ({ headers }: Answer, name: string) => headers[name] ?? ''
