import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { findPostgres } from './postgres.ts'

test('the programs of this platform run', async () => {
  const { initdb, postgres, pg_ctl } = await findPostgres()
  for (const program of [initdb, postgres, pg_ctl]) {
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toMatch(/\(PostgreSQL\) \d+/)
  }
})

test('a platform without a package is an error', async () => {
  await expect(findPostgres('plan9-mips')).rejects.toMatchObject({ code: 'E_NO_POSTGRES', message: expect.stringContaining('plan9-mips') })
})
