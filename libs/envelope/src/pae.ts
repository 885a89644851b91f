import { Buffer } from 'node:buffer'

/** The content type under which every message of the swarm is signed. */
export const contentType = 'application/vnd.triage.message.v1+json'

/** What stands before the body in its encoding; `type` is ASCII. */
export const paeHead = (type: string, bodyBytes: number): string => `DSSEv1 ${type.length} ${type} ${bodyBytes} `

/**
 * DSSE pre-authentication encoding (github.com/secure-systems-lab/dsse, protocol.md):
 * `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes.
 * What is signed says how long each part is, so that no other split of the same bytes has the same MAC.
 */
export const preAuthenticationEncoding = (type: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(paeHead(type, body.byteLength), 'latin1'), body])
