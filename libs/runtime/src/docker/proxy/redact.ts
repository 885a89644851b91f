// Answers without the values that a reader may not see: digests stand in their place.
import type { ContainerInspectInfo } from 'dockerode'
import { redact } from '../fingerprint.ts'
import { unpackFile } from '../tar.ts'

/** Environment variables keep their names. */
export function redactInspection(body: Buffer): Buffer {
  const inspection = JSON.parse(body.toString()) as ContainerInspectInfo
  const Env = (inspection.Config.Env ?? []).map((variable) => {
    const at = variable.indexOf('=')
    return at < 0 ? variable : variable.slice(0, at + 1) + redact(variable.slice(at + 1))
  })
  return Buffer.from(JSON.stringify({ ...inspection, Config: { ...inspection.Config, Env } }))
}

/** JSON text in the place of an archive. */
export const redactArchive = (body: Buffer): Buffer => Buffer.from(JSON.stringify(redact(unpackFile(body) ?? '')))
