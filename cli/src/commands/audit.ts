import { Buffer } from 'node:buffer'
import { isRefused, messageOf, parseEntry, proofFile } from '@triage/audit-log'
import type { AuditVerdict } from '@triage/audit-verify'
import { TriageError } from '@triage/contracts'
import { openNoteKey } from '@triage/keyring/note-key'
import { Command } from 'commander'
import { attest } from '../audit/attest.ts'
import { prover } from '../audit/proofs.ts'
import { type LoggedRun, runsOf } from '../audit/runs.ts'
import { verifyFile } from '../audit/verify-file.ts'
import { verifyLive } from '../audit/verify-live.ts'
import { createFile, writeExport } from '../audit/write-export.ts'
import { modelRunLines } from '../render/model-run.ts'
import { printable, style } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print, wholeNumber } from './options.ts'

async function live(data: string): Promise<AuditVerdict> {
  await using session = await Session.open(data)
  return await verifyLive(session)
}

const verify = new Command('verify')
  .description('verify the live log, an export of it, a proof or an attestation; names the first bad entry')
  .argument('[file]', 'what export or prove has written; the live log when absent')
  .option('--key <file>', 'verifier keys of the log and its witness; what an export carries itself when absent')
  .action(async (file: string | undefined, { key }: { key?: string }, command: Command) => {
    const common = commonOf(command)
    if (file) return print(common, ...verifyFile(file, key ?? null, common.data))
    const verdict = await live(common.data)
    if (verdict.firstBad) throw new TriageError('E_AUDIT_ALTERED', `entry ${verdict.firstBad.index}: ${verdict.firstBad.reason}`)
    print(common, verdict, () => `${style.good('verified')}: ${verdict.entries} entries, head ${verdict.head.slice(0, 16)}…`)
  })

function line(bytes: Uint8Array): string {
  const entry = parseEntry(bytes)
  const { index, at, subject } = entry.log
  const place = `${style.dim(String(index).padStart(6))} ${style.dim(at)}`
  if (isRefused(entry)) return `${place} ${style.bad('refused'.padEnd(12))} ${subject}`
  const { envelope } = JSON.parse(messageOf(entry).toString()) as { envelope: { issuer: string; type: string; id: string } }
  return `${place} ${envelope.issuer.padEnd(12)} ${style.accent(envelope.type)} ${style.dim(envelope.id)}`
}

const tail = new Command('tail').description('follow the log live, until Ctrl-C').action(async (_, command: Command) => {
  const { data, json } = commonOf(command)
  await using session = await Session.open(data)
  const { lastSeq } = await session.bus.size('AUDIT')
  const following = await session.bus.follow('AUDIT', { consumer: null, from: Math.max(1, lastSeq - 20) }, async ({ body }) =>
    console.log(json ? Buffer.from(body).toString('utf8') : line(body))
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await following.stop()
})

const exportLog = new Command('export')
  .description('write the log to a file that can be verified anywhere, or what happened in one incident as a signed attestation')
  .argument('<file>', 'file to write; it must not exist')
  .option('--incident <id>', 'an in-toto attestation of this incident instead; "last" for the newest')
  .action(async (path: string, { incident }: { incident?: string }, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const check = `npx triage audit verify ${path} --key ${session.swarm.audit_keys}`
    if (incident) {
      const text = await attest(session, incident, openNoteKey(session.swarm.attestation_key))
      await writeNew(path, text)
      return print(common, { file: path, bytes: text.length }, () => `attested in ${path}; check it: ${check}`)
    }
    const entries = await writeExport(session, path)
    print(common, { file: path, entries }, () => `${entries} entries in ${path}; check them anywhere: ${check}`)
  })

async function writeNew(path: string, text: string): Promise<void> {
  const file = await createFile(path)
  await file.write(text)
  await file.close()
}

const prove = new Command('prove')
  .description('prove that an entry is in the log that was signed (c2sp.org/tlog-proof)')
  .argument('<entry>', 'its index', wholeNumber('<entry>'))
  .option('--out <file>', 'file to write instead of standard output; it must not exist')
  .action(async (index: number, { out }: { out?: string }, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const { head, size, proofOf } = await prover(session.bus)
    const proof = proofOf(index)
    const entry = (await session.bus.get('AUDIT', index + 1))?.body ?? new Uint8Array()
    const text = proofFile(index, entry, proof, head)
    if (!out) return void process.stdout.write(text)
    await writeNew(out, text)
    print(common, { file: out, entry: index, entries: size }, () => `entry ${index} of ${size}, proven in ${out}`)
  })

function match({ run, hashes }: LoggedRun, text: 'input' | 'output'): string {
  if (hashes[text]) return style.good('matches')
  return run.cut ? style.warn('of the whole text, of which a part is kept') : style.bad('is of another text')
}

function runText(logged: LoggedRun): string {
  const { index, run_id, run } = logged
  return [
    `${style.title(run_id)} ${style.dim(`entry ${index}`)}`,
    `${run.planner}, ${run.incident_id} round ${run.round}, ${run.started_at}, took ${run.took_ms.toFixed(1)} ms`,
    ...(run.model ? modelRunLines(run.model) : []),
    `${style.title('Prompt')} sha256 ${run.input_sha256} ${match(logged, 'input')}`,
    run.input,
    `${style.title('Response')} sha256 ${run.output_sha256} ${match(logged, 'output')}`,
    run.output
  ].join('\n')
}

const show = new Command('show')
  .description('show a run of a planner: prompt, response, model, hashes')
  .argument('<run>', 'id of the run, of an incident (all of its runs), or "last"')
  .action(async (id: string, _, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const runs = await runsOf(session.bus, id)
    print(common, runs, () => printable(runs.map(runText).join('\n\n')))
  })

export const auditCommand = (): Command =>
  [tail, verify, exportLog, prove, show].reduce(
    (audit, command) => audit.addCommand(command),
    new Command('audit').description('the audit log: follow, verify, export, prove, show')
  )
