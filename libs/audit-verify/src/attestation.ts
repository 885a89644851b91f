import { Buffer } from 'node:buffer'
import { verify } from 'node:crypto'
import { doubtOf, isWitnessed, parseCheckpoint, type TrustedKeys } from './checkpoint.ts'
import { fromBase64, isSame } from './hash.ts'
import type { VerifierKey } from './note.ts'
import { rootOfInclusion } from './proof.ts'

/** What an attestation says, once it has been checked. */
interface Attested {
  incidentId: string
  outcome: string
  entries: number
  /** Name of who signed it. */
  by: string
}

export const attestationStart = '{"payloadType":"application/vnd.in-toto+json"'

interface Statement {
  _type: string
  subject: { name: string; digest: { rfc6962: string } }[]
  predicate: { incident_id: string; outcome: string; inclusion: { checkpoint: string; proofs: string[][] } }
}

/** Checks the signature, and that the log that was signed holds every entry that the statement names. Returns why not. */
export function verifyAttestation(text: string, signers: readonly VerifierKey[], keys: TrustedKeys): Attested | string {
  try {
    const { payloadType, payload, signatures } = JSON.parse(text) as {
      payloadType: string
      payload: string
      signatures: { keyid: string; sig: string }[]
    }
    const body = fromBase64(payload)
    const [signature] = signatures
    const signer = signers.find(({ type, name, id }) => type === 1 && signature?.keyid === `${name}+${id.toString('hex')}`)
    const sig = fromBase64(signature?.sig, 64)
    if (!body || !sig) return 'it is not an attestation'
    if (!signer) return `the key of ${signature?.keyid} is not among the keys that were given`
    const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body])
    if (!verify(null, signed, signer.key, sig)) return 'its signature does not hold'
    const statement = JSON.parse(body.toString()) as Statement
    return included(statement, keys) ?? { ...summary(statement), by: signer.name }
  } catch {
    return 'it is not an attestation'
  }
}

const summary = ({ subject, predicate }: Statement): Omit<Attested, 'by'> => ({
  incidentId: predicate.incident_id,
  outcome: predicate.outcome,
  entries: subject.length
})

function included({ subject, predicate }: Statement, keys: TrustedKeys): string | null {
  const { checkpoint: note, proofs } = predicate.inclusion
  const checkpoint = parseCheckpoint(note)
  if (!checkpoint) return 'its checkpoint cannot be read'
  const doubt = doubtOf(checkpoint, keys) ?? (isWitnessed(checkpoint, keys) ? null : 'the witness has not signed it')
  if (doubt) return `its checkpoint is not to be believed: ${doubt}`
  for (const [i, { name, digest }] of subject.entries()) {
    const index = Number(/^entry\/(\d+)$/.exec(name)?.[1] ?? Number.NaN)
    const path = (proofs[i] ?? []).map((node) => fromBase64(node, 32))
    const leaf = Buffer.from(digest.rfc6962, 'hex')
    const root = path.includes(null) ? null : rootOfInclusion(index, checkpoint.size, leaf, path as Buffer[])
    if (!root || !isSame(root, checkpoint.root)) return `${name} is not in the log that was signed`
  }
  return null
}
