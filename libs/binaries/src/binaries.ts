// The one entry: finds or fetches the programs that the embedded mode runs.
export { cacheFolder } from './cache.ts'
export { type FindNatsServerOptions, type FoundNatsServer, findNatsServer } from './nats-server.ts'
export { onPath } from './path.ts'
export { findPostgres } from './postgres.ts'
export { findRedisServer } from './redis-server.ts'
