import { Buffer } from 'node:buffer'

/** A c2sp.org/tlog-proof@v1 file: that the entry is the one at `index` of the log that the checkpoint was signed over. */
export function proofFile(index: number, entry: Uint8Array, proof: readonly Buffer[], checkpoint: string): string {
  const extra = Buffer.from(entry).toString('base64')
  return [
    'c2sp.org/tlog-proof@v1',
    `extra ${extra}`,
    `index ${index}`,
    ...proof.map((hash) => hash.toString('base64')),
    '',
    checkpoint
  ].join('\n')
}
