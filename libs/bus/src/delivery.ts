// Messages of the client library as the port has them.
import type { JsMsg, StoredMsg } from '@nats-io/jetstream'
import { type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node'
import type { Delivery, Headers, Stored } from './port.ts'

export const toHeaders = (values: Headers): MsgHdrs => {
  const out = natsHeaders()
  for (const [name, value] of Object.entries(values)) out.set(name, value)
  return out
}

export const delivery = (message: { subject: string; data: Uint8Array; headers?: MsgHdrs }): Delivery => ({
  subject: message.subject,
  body: message.data,
  header: (name) => message.headers?.get(name) ?? ''
})

export const fromLive = (message: JsMsg): Stored => ({ ...delivery(message), seq: message.seq, at: message.info.timestampNanos / 1e6 })

export const fromStore = (message: StoredMsg): Stored => ({
  ...delivery({ subject: message.subject, data: message.data, headers: message.header }),
  seq: message.seq,
  at: message.time.getTime()
})
