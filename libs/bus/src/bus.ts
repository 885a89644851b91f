// The message bus as a port. Only this lib imports @nats-io/*.

export type { NatsOptions } from './connect.ts'
export { consumerOf } from './layout.ts'
export { Lease } from './lease.ts'
export { connectNats } from './nats-bus.ts'
export type { Bus, Delivery, Handler, Headers, Published, Stored, Subscription } from './port.ts'
