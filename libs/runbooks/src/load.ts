import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import { parseRunbook, type Runbook } from './runbook.ts'

/** Reads every .md file of a folder, in the order of names. Throws E_RUNBOOK that names the first bad file, or the folder. */
export async function loadRunbooks(folder: string): Promise<Runbook[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort()
    return await Promise.all(names.map(async (name) => parseRunbook(name, await readFile(join(folder, name), 'utf8'))))
  } catch (error) {
    throw TriageError.from(error, 'E_RUNBOOK')
  }
}
