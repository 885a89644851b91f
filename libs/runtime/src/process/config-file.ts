// A workload's configuration file: what it says now, what it said when all was well, and when it was changed.
import { hash } from 'node:crypto'
import { readFileSync, statSync, unwatchFile, watchFile, writeFileSync } from 'node:fs'
import type { ConfigDiff, ConfigText } from '../port.ts'
import { diffPaths } from './config-diff.ts'

/** How often the file is looked at, for changes that nobody tells us of. */
const pollMs = 500

/** The file is read at each question: it is small, and others write it too. A file that cannot be read counts as empty. */
export class ConfigFile {
  readonly #path: string
  readonly #onChange: (hash: string) => void
  readonly #look = () => void this.read()
  #seen: string
  #baseline: ConfigText | null = null
  #changedAt: Date | undefined

  /** @param onChange called once for each change that is seen, whoever made it */
  constructor(path: string, onChange: (hash: string) => void) {
    this.#path = path
    this.#onChange = onChange
    this.#seen = this.#load().hash
    watchFile(path, { interval: pollMs, persistent: false }, this.#look)
  }

  get baseline(): ConfigText | null {
    return this.#baseline
  }

  /** When it was last changed, since this object looks on. */
  get changedAt(): Date | undefined {
    return this.#changedAt
  }

  read(): ConfigText {
    const now = this.#load()
    if (now.hash !== this.#seen) {
      this.#seen = now.hash
      this.#changedAt = this.#modified()
      this.#onChange(now.hash)
    }
    return now
  }

  /** Written in place, so that owner and mode stay what the workload needs them to be. */
  write(text: string): void {
    writeFileSync(this.#path, text, { mode: 0o600 })
    this.read()
  }

  /** What it says now is good. */
  markBaseline(): void {
    this.#baseline = this.read()
  }

  diff(): ConfigDiff {
    const { hash, text } = this.read()
    const baseline = this.#baseline
    return { hash, baseline_hash: baseline?.hash ?? null, paths: baseline ? diffPaths(baseline.text, text) : [] }
  }

  close(): void {
    unwatchFile(this.#path, this.#look)
  }

  #load(): ConfigText {
    let text = ''
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch {
      // It is missing: the hash tells.
    }
    return { text, hash: hash('sha256', text) }
  }

  #modified(): Date {
    return statSync(this.#path, { throwIfNoEntry: false })?.mtime ?? new Date()
  }
}
