// The ways into a process: each with what it says when all is well, and a handler that counts how often it is reached.
import { type Actor, serveTasks } from '@triage/actor'
import type { TestSwarm } from '@triage/actor/testing'
import type { Role } from '@triage/contracts'
import { look, requestOf } from '@triage/contracts/testing'
import type { Speech, Wire } from './thief.ts'

interface Carrier {
  name: string
  speech: Speech
  /** Role that receives it. */
  receiver: Role
  /** Roles that may say it. */
  writers: readonly Role[]
  /** Attaches a handler in the receiver; `reached` is called with each message that gets through. */
  attach(receiver: Actor, reached: () => void): Promise<{ stop(): Promise<void> }>
  /** Sends it as somebody who may publish anything. */
  send(root: TestSwarm['root'], wire: Wire, id: string): Promise<void>
}

const incident_id = 'inc-20260101-1'
const durable: Carrier['send'] = async (root, { subject, body, headers }, id) => void (await root.append(subject, body, headers, { id }))

const command: Carrier = {
  name: 'a command',
  speech: {
    subject: 'task.log-agent',
    type: 'task.request.v1',
    issuer: 'scheduler',
    audience: 'log-agent',
    incident_id,
    fence: 5,
    payload: requestOf(look('look'), incident_id)
  },
  receiver: 'log-agent',
  writers: ['scheduler'],
  attach: (receiver, reached) =>
    serveTasks(receiver, async () => {
      reached()
      return { status: 'succeeded', summary: 'done' }
    }),
  send: durable
}

const fact: Carrier = {
  name: 'a fact',
  speech: {
    subject: `incident.${incident_id}.plan-accepted`,
    type: 'incident.plan-accepted.v1',
    issuer: 'scheduler',
    audience: 'swarm',
    incident_id,
    payload: { plan_id: 'plan-0123456789abcdef', plan_version: 1 }
  },
  receiver: 'planner',
  writers: ['scheduler'],
  attach: (receiver, reached) => receiver.incidents.follow(reached),
  send: durable
}

const signal: Carrier = {
  name: 'a signal',
  speech: {
    subject: 'heartbeat.planner.1',
    type: 'heartbeat.v1',
    issuer: 'planner',
    audience: 'swarm',
    payload: {
      role: 'planner',
      instance: '1',
      pid: 1,
      started_at: '2026-01-01T12:00:00.000Z',
      ready: true,
      in_flight: 0,
      rss_bytes: 1,
      refused: 0,
      keys: { signs_with: 'k1', accepts: ['k1'] }
    }
  },
  receiver: 'scheduler',
  writers: ['planner'],
  attach: async (receiver, reached) => {
    const listening = receiver.bus.listen('heartbeat.*.*', (message) => {
      if (receiver.inbox.signal(message)) reached()
    })
    // Nobody keeps a signal for later: the server must know of the listener first.
    await receiver.bus.size('INCIDENTS')
    return listening
  },
  send: async (root, { subject, body, headers }) => root.send(subject, body, headers)
}

export const carriers: readonly Carrier[] = [command, fact, signal]
