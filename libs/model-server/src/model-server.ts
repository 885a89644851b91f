// For tests: a model server that does as its script says, in Ollama's protocol and in OpenAI's.
export type { ListedModel } from './catalogue.ts'
export { misbehaviours } from './misbehaviours.ts'
export { type Asked, type Protocol, type Script, type Step, stepFor } from './script.ts'
export { type ModelServer, type ModelServerOptions, startModelServer } from './server.ts'
