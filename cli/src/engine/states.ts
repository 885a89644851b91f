// How engines fare, and which ways there are to have another one.
import { surveyModels } from '@triage/model'
import type { Engines } from './engines.ts'
import type { EngineRecord } from './records.ts'
import { wayName, waysOf } from './ways.ts'

export interface EngineState extends EngineRecord {
  /** Why its model cannot be asked; null when it can. */
  down: string | null
}

export interface WayState {
  way: string
  /** Why it cannot be gone; null when it can. */
  why: string | null
}

async function whyDown(engines: Engines, record: EngineRecord): Promise<string | null> {
  if (!record.at) return 'not started'
  const ended = await engines.serverOf(record)?.ended()
  if (ended) return ended
  const provider = record.client.id.slice(0, record.client.id.indexOf('/'))
  const server = (await surveyModels(record.client.env)).find((found) => found.provider === provider)!
  return server.error?.message ?? null
}

export const engineStates = async (engines: Engines): Promise<EngineState[]> =>
  Promise.all((await engines.records.all()).map(async (record) => ({ ...record, down: await whyDown(engines, record) })))

/** For a GGUF file, which is what most ways can run. */
export const wayStates = (engines: Engines): Promise<WayState[]> =>
  Promise.all(waysOf({ kinds: ['llama', 'ollama'] }).map(async (way) => ({ way: wayName(way), why: await engines.whyNot(way) })))
