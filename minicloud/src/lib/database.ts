import pg from 'pg'
import type { Logger } from './log.ts'
import { retry } from './retry.ts'

export interface DatabaseSettings {
  host: string
  port: number
  user: string
  password: string
  name: string
}

interface Database {
  pool: pg.Pool
  /** Throws when the database does not answer; waits until the schema is there. */
  check(): Promise<void>
}

/** Opens a pool and creates what `schema` (idempotent SQL) says as soon as the database can be reached. */
export function openDatabase({ name, ...settings }: DatabaseSettings, schema: string, log: Logger): Database {
  const pool = new pg.Pool({ ...settings, database: name, max: 10, connectionTimeoutMillis: 1500, query_timeout: 2000 })
  pool.on('error', (error) => log.failure('warn', 'an idle database connection broke', error))
  // Statements sent together are one transaction: the lock keeps two services from creating the same table at once.
  const prepared = retry('preparing the database', () => pool.query(`select pg_advisory_xact_lock(1); ${schema}`), log)
  const check = async () => {
    await pool.query('select 1')
    await prepared
  }
  return { pool, check }
}
