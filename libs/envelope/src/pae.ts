import { Buffer } from 'node:buffer'

/** The content type under which every message of the swarm is signed. */
export const contentType = 'application/vnd.triage.message.v1+json'

/**
 * DSSE pre-authentication encoding (github.com/secure-systems-lab/dsse, protocol.md):
 * `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes.
 * What is signed says how long each part is, so that no other split of the same bytes has the same MAC.
 */
export function preAuthenticationEncoding(type: string, body: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.byteLength} `
  return Buffer.concat([Buffer.from(head, 'utf8'), body])
}
