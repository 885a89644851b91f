// The message bus as a port. Only this lib imports @nats-io/*.

export { Lease } from './lease.ts'
export { connectNats, type NatsOptions } from './nats-bus.ts'
export type { Bus, Delivery, Handler, Headers, Published, Stored, Subscription } from './port.ts'
export { consumerOf, type Instances, provision } from './provision.ts'
