// Answers without the values that a reader may not see: digests stand in their place.
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode'
import { redact } from '../fingerprint.ts'
import { triage } from '../labels.ts'
import { unpackFile } from '../tar.ts'

/** Environment variables keep their names. */
export function redactInspection(body: Buffer): Buffer {
  const inspection = JSON.parse(body.toString()) as ContainerInspectInfo
  const Env = (inspection.Config.Env ?? []).map((variable) => {
    const at = variable.indexOf('=')
    return at < 0 ? variable : variable.slice(0, at + 1) + redact(variable.slice(at + 1))
  })
  return Buffer.from(JSON.stringify({ ...inspection, ...withoutPurpose(inspection, { ...inspection.Config, Env }) }))
}

/** What was launched beside a service is seen; what it is there for is not. */
function withoutPurpose({ Path, Args }: ContainerInspectInfo, Config: ContainerInspectInfo['Config']): Partial<ContainerInspectInfo> {
  if (!Config.Labels[triage.beside]) return { Path, Args, Config }
  return { Path: '', Args: [], Image: '', Config: { ...Config, Image: '', Cmd: [], Entrypoint: [] } }
}

/** The same for a list. */
export function redactList(body: Buffer): Buffer {
  const rows = JSON.parse(body.toString()) as ContainerInfo[]
  return Buffer.from(JSON.stringify(rows.map((row) => (row.Labels[triage.beside] ? { ...row, Image: '', ImageID: '', Command: '' } : row))))
}

/** JSON text in the place of an archive. */
export const redactArchive = (body: Buffer): Buffer => Buffer.from(JSON.stringify(redact(unpackFile(body) ?? '')))

/** Of what the engine says of itself and its machine. */
export function timeAlone(body: Buffer): Buffer {
  const { SystemTime } = JSON.parse(body.toString()) as { SystemTime: string }
  return Buffer.from(JSON.stringify({ SystemTime }))
}
