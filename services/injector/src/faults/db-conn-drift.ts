import { drift } from './drift.ts'

const hosts = ['db-old', 'db-replica-2', 'postgres-staging', 'pg.internal']

export const dbConnDrift = drift(
  {
    description: "the database host in the service's configuration is wrong, and it was restarted with it",
    runtimes: ['process'],
    targets: ['orders']
  },
  (config, { pick }) => {
    const { database } = config as { database: { host: string } }
    // .invalid never resolves (RFC 6761).
    return { ...config, database: { ...database, host: `${hosts[pick(hosts.length)]}.invalid` } }
  }
)
