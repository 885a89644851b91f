import type { Fault } from './fault.ts'

const hosts = ['db-old', 'db-replica-2', 'postgres-staging', 'pg.internal']

export const dbConnDrift: Fault = {
  description: "the database host in the service's configuration is wrong, and it was restarted with it",
  targets: ['orders'],
  prepare: async ({ runtime, target, pick }) => {
    const { text } = await runtime.getConfig(target)
    const config = JSON.parse(text) as { database: { host: string } }
    // .invalid never resolves (RFC 6761).
    const drifted = { ...config, database: { ...config.database, host: `${hosts[pick(hosts.length)]}.invalid` } }
    return { good: text, bad: JSON.stringify(drifted, null, 2) }
  },
  apply: async ({ runtime, target }, { bad }) => {
    await runtime.setConfig(target, bad!)
    await runtime.restart(target)
  },
  undo: async ({ runtime, target }, { good, bad }) => {
    if ((await runtime.getConfig(target)).text !== bad) return
    await runtime.setConfig(target, good!)
    await runtime.restart(target)
  }
}
