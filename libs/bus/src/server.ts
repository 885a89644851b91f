// For who runs the nats-server: its users, its configuration, its streams. The swarm's processes do not load this.

export { type Instances, type User, users } from './layout.ts'
export { createNkeys, seedPath } from './nkeys.ts'
export { provision } from './provision.ts'
export { type ServerOptions, serverConfig } from './server-config.ts'
