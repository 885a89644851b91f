// What each user may publish and subscribe to, computed from the subject grammar and the layout. Pure.
//
// Invariants
// 1. Allow-lists only: everything else is refused, and a deny rule can be bypassed.
// 2. Only the provisioner may create anything, and it names each stream and consumer: nobody holds a wildcard on the API.
// 3. No user may publish into an inbox: only the server answers for the server.
import { roles, type StreamName, streamOf, streams, subjectsFor, takes } from '@triage/contracts'
import {
  answerInboxOf,
  consumerOf,
  erasers,
  followers,
  type Instances,
  inboxOf,
  onlookers,
  type User,
  watchers,
  workers
} from './layout.ts'

/** Subjects; `*` stands for one word, a closing `>` for one or more. */
export interface Permissions {
  publish: string[]
  subscribe: string[]
}

/** A durable consumer; `subject`: what of the stream it is for. */
interface Durable {
  stream: StreamName
  name: string
  subject?: string
}

const api = (...words: string[]): string => ['$JS.API', ...words].join('.')

/** The consumers with which each instance follows a stream. */
export const followDurables = (instances: Instances): (Durable & { user: User })[] =>
  followers.flatMap(({ stream, roles }) =>
    roles.flatMap((user) => (instances[user] ?? []).map((instance) => ({ user, stream, name: consumerOf(user, instance) })))
  )

/** The consumers that the instances of a role share. */
export const workDurables = (): (Required<Durable> & { user: User })[] =>
  workers.map(({ stream, role, subject }) => ({ user: role, stream, name: role, subject }))

/** A pattern with `own` for the placeholder that names the user itself; any word for each other one. */
const filled = (pattern: string, own: string, user: User): string =>
  pattern.replace(/\{\w+\}/g, (placeholder) => (placeholder === own ? user : '*'))

/** Whether a user works off a stream; any when none is named. */
const worksOff = (user: User, of?: StreamName): boolean => workers.some(({ role, stream }) => role === user && (!of || stream === of))

/** Who may stand for a placeholder in a list of writers or readers. */
const standsFor = (placeholder: string, user: User): boolean =>
  placeholder === '{role}' ? (roles as readonly string[]).includes(user) : placeholder === '{agent}' && worksOff(user, 'TASKS')

/** Of a pattern whose messages are worked off, the subjects that somebody works off: nothing else would ever leave the stream. */
const workedOff = (pattern: string): string[] => {
  const subjects = workers.map(({ subject }) => subject).filter((subject) => takes(pattern, subject))
  return subjects.length > 0 ? subjects : [pattern]
}

const patternsFor = (user: User, subject: string, names: string[]): string[] =>
  names.flatMap((name) => {
    // Who works off a queue speaks for itself, also where it is named beside the agents.
    if (name === user) return workedOff(filled(subject, worksOff(user) ? '{agent}' : '', user))
    return standsFor(name, user) ? [filled(subject, name, user)] : []
  })

/** What a user says, and hears as it is said: the grammar. What a stream keeps is read from the stream. */
function spoken(user: User): Permissions {
  const entries = subjectsFor().filter(({ subject }) => subject)
  const answers = subjectsFor().filter(({ subject }) => !subject)
  return {
    publish: [
      ...entries.flatMap(({ subject, writes }) => patternsFor(user, subject, writes)),
      ...answers.filter(({ writes }) => writes.includes(user)).flatMap(({ reads }) => reads.map((name) => `${answerInboxOf(name)}.>`))
    ],
    subscribe: [
      ...entries.filter(({ subject }) => !streamOf(subject)).flatMap(({ subject, reads }) => patternsFor(user, subject, reads)),
      ...answers.filter(({ reads }) => reads.includes(user)).map(() => `${answerInboxOf(user)}.>`)
    ]
  }
}

/** The streams that a user reads: those that it follows, and those whose readers name it. Off a queue it takes what comes. */
function streamsOf(user: User): StreamName[] {
  const named = subjectsFor()
    .filter(({ reads }) => reads.some((name) => name === user || standsFor(name, user)))
    .map(({ subject }) => streamOf(subject))
    .filter((stream) => stream !== null)
    .filter((stream) => !worksOff(user, stream))
  const followed = followers.filter((follower) => (follower.roles as readonly User[]).includes(user)).map(({ stream }) => stream)
  const looked = onlookers.filter((onlooker) => onlooker.user === user).flatMap(({ streams }) => streams)
  return [...new Set([...followed, ...named, ...looked])]
}

/** What it takes to read streams: ask how much there is and for one message, pull from and acknowledge to consumers of one's own; and to erase what was read. */
function reading(user: User, instances: Instances): string[] {
  const durables = [...followDurables(instances), ...workDurables()].filter((durable) => durable.user === user)
  return [
    ...streamsOf(user).flatMap((stream) => [api('STREAM.INFO', stream), api('STREAM.MSG.GET', stream)]),
    ...durables.flatMap(({ stream, name }) => [
      api('CONSUMER.INFO', stream, name),
      api('CONSUMER.MSG.NEXT', stream, name),
      `$JS.ACK.${stream}.${name}.>`
    ]),
    ...erasers.filter((eraser) => eraser.user === user).map(({ stream }) => api('STREAM.MSG.DELETE', stream))
  ]
}

function provisioning(instances: Instances): string[] {
  const creating = ({ stream, name, subject }: Durable): string => api('CONSUMER.CREATE', stream, name, ...(subject ? [subject] : []))
  return [
    ...Object.keys(streams).map((stream) => api('STREAM.CREATE', stream)),
    ...[...followDurables(instances), ...workDurables()].map(creating)
  ]
}

/** @param instances the instances that the consumers were made for */
export function permissionsOf(user: User, instances: Instances): Permissions {
  const inbox = `${inboxOf(user)}.>`
  if (user === 'provisioner') return { publish: provisioning(instances), subscribe: [inbox] }
  const { publish, subscribe } = spoken(user)
  const watched = watchers.filter((watcher) => watcher.user === user).flatMap(({ subjects }) => subjects)
  return { publish: [...publish, ...reading(user, instances)], subscribe: [inbox, ...subscribe, ...watched] }
}
