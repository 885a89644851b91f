// The keys that messages are signed with: one root in a file, a key of its own for each (issuer, audience) pair.
import { Buffer } from 'node:buffer'
import { hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { TriageError } from '@triage/contracts'

interface KeyFile {
  triage_keys: 1
  current: string
  /** Root of each version, 32 bytes, base64. */
  roots: Record<string, string>
}

/** Keys of (issuer, audience) pairs, derived with HKDF-SHA256 (RFC 5869) from the root of a version. */
export class Keyring {
  readonly current: string
  readonly #roots: Map<string, Buffer>
  readonly #derived = new Map<string, Buffer>()

  constructor(current: string, roots: Map<string, Buffer>) {
    this.current = current
    this.#roots = roots
  }

  key(issuer: string, audience: string, version: string): Buffer | null {
    const root = this.#roots.get(version)
    if (!root) return null
    const info = `triage/v1|${issuer}|${audience}|${version}`
    const known = this.#derived.get(info)
    if (known) return known
    const derived = Buffer.from(hkdfSync('sha256', root, Buffer.alloc(0), info, 32))
    this.#derived.set(info, derived)
    return derived
  }
}

/** Writes a key file with one new root, mode 0600. Leaves one that is there alone. */
export function createKeyFile(path: string): void {
  const content: KeyFile = { triage_keys: 1, current: 'k1', roots: { k1: randomBytes(32).toString('base64') } }
  try {
    writeFileSync(path, `${JSON.stringify(content)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Reads a key file. Throws E_KEYS_MODE when others may read it, E_KEYS_INVALID when it does not hold keys. */
export function openKeyring(path: string): Keyring {
  const invalid = (why: string, cause?: unknown) => new TriageError('E_KEYS_INVALID', `${path}: ${why}`, { cause })
  let content: KeyFile
  try {
    const mode = statSync(path).mode & 0o777
    if (mode & 0o077) throw new TriageError('E_KEYS_MODE', `${path} has mode ${mode.toString(8)}; it must be 600`)
    content = JSON.parse(readFileSync(path, 'utf8')) as KeyFile
  } catch (error) {
    // The parser's message would quote the file.
    throw error instanceof TriageError ? error : invalid(error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message)
  }
  if (content?.triage_keys !== 1 || typeof content.roots !== 'object' || !content.roots?.[content.current])
    throw invalid('it is not a key file of version 1')
  const roots = new Map(Object.entries(content.roots).map(([version, root]) => [version, Buffer.from(root, 'base64')]))
  for (const [version, root] of roots) if (root.length !== 32) throw invalid(`the root ${version} is not 32 bytes long`)
  return new Keyring(content.current, roots)
}
