// What happened in an incident, as an in-toto Statement in a DSSE envelope. The operator who exports it signs it: the statement's
// words are theirs. What the words stand on are the entries, and those are proven to be in the log that its witness has signed.
import { hash } from 'node:crypto'
import { isRefused, leafHash, messageOf, parseEntry } from '@triage/audit-log'
import { TriageError } from '@triage/contracts'
import { preAuthenticationEncoding } from '@triage/envelope'
import type { NoteKey } from '@triage/keyring/note-key'
import type { Session } from '../session.ts'
import { prover } from './proofs.ts'

const statementType = 'application/vnd.in-toto+json'

interface Logged {
  index: number
  bytes: Uint8Array
  at: string
  type: string
  issuer: string
}

async function entriesOf({ bus }: Session, incidentId: string): Promise<Logged[]> {
  const entries: Logged[] = []
  for await (const { body } of bus.history('AUDIT')) {
    const entry = parseEntry(body)
    if (isRefused(entry)) continue
    const { envelope, payload } = JSON.parse(messageOf(entry).toString()) as {
      envelope: { incident_id?: string; type: string; issuer: string }
      payload: { incident_id?: string; idempotency_key?: string }
    }
    const about = envelope.incident_id ?? payload.incident_id ?? payload.idempotency_key
    if (about !== incidentId && !about?.startsWith(`${incidentId}-`)) continue
    entries.push({ index: entry.log.index, bytes: body, at: entry.log.at, type: envelope.type, issuer: envelope.issuer })
  }
  return entries
}

/** The attestation's text. Throws E_NO_INCIDENT, E_AUDIT_MISSING. */
export async function attest(session: Session, id: string, key: NoteKey): Promise<string> {
  const { state } = await session.story(id)
  const { head, proofOf } = await prover(session.bus)
  const entries = await entriesOf(session, state.id)
  if (entries.length === 0) throw new TriageError('E_AUDIT_MISSING', `no entry of the log is about ${state.id}`)
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    // `sha256` is of the entry's bytes, `rfc6962` of its leaf in the tree: the proofs start from the second.
    subject: entries.map(({ index, bytes }) => ({
      name: `entry/${index}`,
      digest: { sha256: hash('sha256', bytes), rfc6962: leafHash(bytes).toString('hex') }
    })),
    predicateType: 'urn:triage:incident:v1',
    predicate: {
      incident_id: state.id,
      report: state.report?.text ?? null,
      outcome: state.end?.kind ?? 'open',
      summary: state.end?.summary ?? null,
      hypothesis: state.plans.at(-1)?.plan.hypothesis ?? null,
      timeline: entries.map(({ index, at, type, issuer }) => ({ entry: index, at, type, issuer })),
      inclusion: { checkpoint: head, proofs: entries.map(({ index }) => proofOf(index).map((node) => node.toString('base64'))) }
    }
  }
  const payload = Buffer.from(JSON.stringify(statement))
  const sig = key.sign(preAuthenticationEncoding(statementType, payload)).toString('base64')
  const keyid = `${key.name}+${key.id.toString('hex')}`
  return `${JSON.stringify({ payloadType: statementType, payload: payload.toString('base64'), signatures: [{ keyid, sig }] })}\n`
}
