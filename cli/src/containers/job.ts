import { explain, TriageError } from '@triage/contracts'

/** Runs what a container does once; a failure is said in one line and ends it with status 1. */
export async function job(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.error(explain(TriageError.from(error)))
    process.exitCode = 1
  }
}
