// Whether models are asked, asked and recorded, or taken from a recording.
import { access, constants, mkdir, readdir } from 'node:fs/promises'
import { readConfig } from '@triage/config'
import { TriageError } from '@triage/contracts'
import { recordModel, replayModel } from './cassette.ts'
import { type ModelOptions, openModel } from './open.ts'
import type { Model } from './port.ts'
import type { Env } from './server.ts'
import { modelSettings } from './settings.ts'

/** Folders of recordings; at most one of them is named. Empty: none. */
export interface Tape {
  record: string
  replay: string
}

/** @throws E_CONFIG when both are named */
export function tapeOf(env: Env = process.env): Tape {
  const { model_record: record, model_replay: replay } = readConfig(modelSettings, env)
  if (record && replay) throw new TriageError('E_CONFIG', 'TRIAGE_MODEL_RECORD and TRIAGE_MODEL_REPLAY are both set: a run does either')
  return { record, replay }
}

/**
 * The model as the environment has it: asked, recorded or replayed.
 * @throws E_CONFIG
 */
export function openTaped(id: string, options: ModelOptions = {}): Model {
  const env = options.env ?? process.env
  const { record, replay } = tapeOf(env)
  if (replay) return replayModel(id, replay)
  return record ? recordModel(openModel(id, options), record, env) : openModel(id, options)
}

/**
 * Whether the folders can be used, before anything depends on it; the one for a recording is made.
 * @throws E_CASSETTE
 */
export async function checkTape({ record, replay }: Tape): Promise<void> {
  const failed = (folder: string) => (error: Error) => {
    throw new TriageError('E_CASSETTE', `${folder}: ${error.message}`, { cause: error })
  }
  if (record)
    await mkdir(record, { recursive: true })
      .then(() => access(record, constants.W_OK))
      .catch(failed(record))
  if (!replay) return
  const names = await readdir(replay).catch(failed(replay))
  if (!names.some((name) => name.endsWith('.json'))) throw new TriageError('E_CASSETTE', `${replay}: nothing is recorded there`)
}
