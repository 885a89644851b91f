import { Buffer } from 'node:buffer'
import { sizeOf } from '@triage/audit-log'
import { doubtOf, isWitnessed, parseCheckpoint, type TrustedKeys } from '@triage/audit-verify'
import type { Bus } from '@triage/bus'
import { parseCheckpointMessage } from './read-log.ts'

const answerMs = 1_000
const askAgainMs = 250

/** Note of the newest checkpoint of at most that size. */
async function checkpointOf(size: number, bus: Bus): Promise<string | null> {
  for (let { lastSeq: seq } = await bus.size('CHECKPOINTS'); seq > 0; seq--) {
    const message = await bus.get('CHECKPOINTS', seq)
    if (message?.subject !== 'audit.checkpoint') continue
    const checkpoint = parseCheckpointMessage(message.body)
    if (sizeOf(checkpoint) <= size) return checkpoint.checkpoint
  }
  return null
}

/**
 * What the log lacks of what the witness has seen; null when nothing.
 * @param witnessed the newest checkpoint that the witness has signed; '' when it has seen none
 * @param signed entries under the log's newest checkpoint
 */
async function disagreement(witnessed: string, signed: number, bus: Bus, keys: TrustedKeys): Promise<string | null> {
  if (witnessed === '') return null
  const seen = parseCheckpoint(witnessed)
  if (!seen) return 'the witness does not answer with a checkpoint'
  const doubt = doubtOf(seen, keys) ?? (isWitnessed(seen, keys) ? null : 'the witness has not signed it')
  if (doubt) return `the witness has seen a checkpoint of another log: ${doubt}`
  if (seen.size > signed) return `the witness has seen ${seen.size} entries; ${signed} are signed`
  const own = await checkpointOf(seen.size, bus)
  return own !== null && parseCheckpoint(own)?.note.text === seen.note.text
    ? null
    : `the witness has seen other entries among the first ${seen.size}`
}

/**
 * Asks the witness until it answers. Resolves to what the log lacks of what it has seen, or null; never when `stopped` before.
 * @param signed entries under the log's newest checkpoint
 */
export async function hearWitness(signed: () => number, bus: Bus, keys: TrustedKeys, stopped: () => boolean): Promise<string | null> {
  while (!stopped()) {
    try {
      const { body } = await bus.request('control.monitor', new Uint8Array(), {}, answerMs)
      return await disagreement(Buffer.from(body).toString(), signed(), bus, keys)
    } catch {
      // Neither is there yet, or the bus is gone.
      await new Promise((resolve) => setTimeout(resolve, askAgainMs))
    }
  }
  return new Promise(() => {})
}
