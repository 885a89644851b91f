import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type AuditVerdict, verifyChain } from '@triage/audit-log'
import type { Bus } from '@triage/bus'
import { type AuditEntry, type StreamName, TriageError } from '@triage/contracts'
import { Command } from 'commander'
import { style } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

const parse = (bytes: Uint8Array): AuditEntry => JSON.parse(Buffer.from(bytes).toString('utf8')) as AuditEntry

async function* entriesOf(bus: Bus): AsyncGenerator<Uint8Array> {
  for await (const { body } of bus.history('AUDIT')) yield body
}

async function* entriesOfFile(path: string): AsyncGenerator<Uint8Array> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }))
    yield Buffer.from(line, 'utf8')
}

/** Verifies the live log: the chain itself, and that each entry says what its stream still holds. */
export async function verifyLive(bus: Bus): Promise<AuditVerdict> {
  const verdict = await verifyChain(entriesOf(bus))
  if (!verdict.ok) return verdict
  for await (const bytes of entriesOf(bus)) {
    const { index, source, body_sha256 } = parse(bytes)
    const message = await bus.get(source.stream as StreamName, source.seq)
    const same = message && createHash('sha256').update(message.body).digest('hex') === body_sha256
    if (!same)
      return {
        ok: false,
        entries: index,
        head: verdict.head,
        firstBad: { index, reason: `${source.stream} ${source.seq} is not the message that was put on record` }
      }
  }
  return verdict
}

function judge(common: { data: string; json: boolean }, verdict: AuditVerdict): void {
  print(common, verdict, () => `${style.good('verified')}: ${verdict.entries} entries, head ${verdict.head.slice(0, 16)}…`)
}

const verify = new Command('verify')
  .description('verify the live log, or an export')
  .argument('[file]', 'an export; the live log when absent')
  .action(async (file: string | undefined, _, command: Command) => {
    const common = commonOf(command)
    const verdict = file ? await verifyChain(entriesOfFile(file)) : await live(common.data)
    if (verdict.firstBad) throw new TriageError('E_AUDIT_CHAIN', `entry ${verdict.firstBad.index}: ${verdict.firstBad.reason}`)
    judge(common, verdict)
  })

async function live(data: string): Promise<AuditVerdict> {
  await using session = await Session.open(data)
  return await verifyLive(session.bus)
}

const line = ({ index, at, source }: AuditEntry): string =>
  `${style.dim(String(index).padStart(6))} ${style.dim(at)} ${source.issuer.padEnd(12)} ${style.accent(source.type)} ${style.dim(source.message_id)}`

const tail = new Command('tail').description('follow the log live, until Ctrl-C').action(async (_, command: Command) => {
  const { data, json } = commonOf(command)
  await using session = await Session.open(data)
  const { lastSeq } = await session.bus.size('AUDIT')
  const following = await session.bus.follow('AUDIT', { consumer: null, from: Math.max(1, lastSeq - 20) }, async ({ body }) =>
    console.log(json ? Buffer.from(body).toString('utf8') : line(parse(body)))
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await following.stop()
})

const exportLog = new Command('export')
  .description('write the log to a file, one entry a line, exactly as it is')
  .argument('<file>', 'file to write; it must not exist')
  .action(async (path: string, _, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const file = await open(path, 'wx').catch((error) => {
      throw new TriageError('E_USAGE', `cannot write ${path}: ${(error as Error).message}`)
    })
    let entries = 0
    for await (const bytes of entriesOf(session.bus)) {
      await file.write(`${Buffer.from(bytes).toString('utf8')}\n`)
      entries++
    }
    await file.close()
    print(common, { file: path, entries }, () => `${entries} entries in ${path}; check them anywhere: npx triage audit verify ${path}`)
  })

export const auditCommand = (): Command =>
  new Command('audit').description('the audit log: follow, verify, export').addCommand(tail).addCommand(verify).addCommand(exportLog)
