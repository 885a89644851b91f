// Signed, ordered messages between the processes of the swarm.
export { keyIdOf, type MessageKeys } from './keys.ts'
export { openMessage, type ReceivedMessage } from './open.ts'
export { contentType, preAuthenticationEncoding } from './pae.ts'
export { ReplayGuard } from './replay-guard.ts'
export { type SealedMessage, Sealer } from './seal.ts'
export { endOfString, parseStrict } from './strict-json.ts'
