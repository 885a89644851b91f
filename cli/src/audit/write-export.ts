import { type FileHandle, open } from 'node:fs/promises'
import type { ExportHeader } from '@triage/audit-verify'
import { TriageError } from '@triage/contracts'
import type { Session } from '../session.ts'
import { viewLog } from './log-view.ts'

/** Lines are written together until there are this many bytes. */
const chunkBytes = 256 * 1024

/** Creates a file that must not be there. Throws E_USAGE. */
export const createFile = (path: string): Promise<FileHandle> =>
  open(path, 'wx').catch((error) => {
    throw new TriageError('E_USAGE', `cannot write ${path}: ${(error as Error).message}`)
  })

/** Writes everything that is under the newest witnessed tree head. Returns the number of entries. Throws E_AUDIT_MISSING when that is nothing. */
export async function writeExport({ bus, auditKeys }: Session, path: string): Promise<number> {
  const view = await viewLog(bus)
  if (!view) throw new TriageError('E_AUDIT_MISSING', 'nothing of the log is signed yet')
  const file = await createFile(path)
  try {
    const keys = [auditKeys.log, auditKeys.witness].flatMap((key) => (key ? [key.text] : []))
    const header: ExportHeader = { triage_audit: 1, keys, head: view.head, lines: view.lines }
    let text = `${JSON.stringify(header)}\n`
    for await (const line of view.read()) {
      text += line.kind === 'cosigned' ? `${JSON.stringify({ cosigned: line.note })}\n` : `${new TextDecoder().decode(line.bytes)}\n`
      if (text.length < chunkBytes) continue
      await file.write(text)
      text = ''
    }
    await file.write(text)
  } finally {
    await file.close()
  }
  return view.size
}
