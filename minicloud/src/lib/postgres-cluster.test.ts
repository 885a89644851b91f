import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCluster } from './postgres-cluster.ts'
import { newRunFolder } from './run-folder.ts'

test('a cluster is created once, and no password is left beside it', async () => {
  const data = await newRunFolder()
  try {
    const cluster = await createCluster(data, 'shop', 'secret')
    expect(cluster.account === null).toBe(process.getuid?.() !== 0)
    expect(await readdir(data)).not.toContain('postgres-password')
    expect(await readdir(cluster.folder)).toContain('PG_VERSION')
    await expect(createCluster(data, 'shop', 'secret')).rejects.toThrow('EEXIST')
  } finally {
    await rm(data, { recursive: true })
  }
})

test.runIf(process.getuid?.() === 0)('as root, a data folder that the account cannot reach is refused by name', async () => {
  const closed = await mkdtemp(join(tmpdir(), 'closed-'))
  try {
    await mkdir(join(closed, 'run'))
    await expect(createCluster(join(closed, 'run'), 'shop', 'secret')).rejects.toMatchObject({
      code: 'E_NO_POSTGRES',
      message: expect.stringContaining(closed)
    })
  } finally {
    await rm(closed, { recursive: true })
  }
})
