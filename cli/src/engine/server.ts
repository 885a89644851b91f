/** A model server that was started here, wherever it runs. */
export interface ModelServer {
  /** Why it ended; null while it runs. */
  ended(): Promise<string | null>
  /** Its last lines. */
  logs(lines: number): Promise<string>
  /** Ends it. Models that it fetched stay. */
  stop(): Promise<void>
  /** Ends it and leaves nothing of it. */
  remove(): Promise<void>
}

/** What an exit says, by its status or signal. */
export const exitOf = (code: number | null, signal: NodeJS.Signals | null, limit: string): string =>
  signal === 'SIGKILL' || code === 137 ? `it was killed: most often it needs more memory than ${limit}` : `it ended with ${code ?? signal}`
