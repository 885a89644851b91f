import { resolve } from 'node:path'
import { TriageError } from '@triage/contracts'
import { type Command, Option } from 'commander'

/** Options that every command takes. */
export interface Common {
  /** Absolute path of the data folder. */
  data: string
  json: boolean
}

export function commonOf(command: Command): Common {
  const { data, json } = command.optsWithGlobals() as { data: string; json?: boolean }
  return { data: resolve(data), json: json === true }
}

/** Prints an object for programs, or text for people. */
export function print({ json }: Common, value: unknown, text: () => string): void {
  console.log(json ? JSON.stringify(value) : text())
}

/** Option parser: a whole number of at least `least`. Throws E_USAGE. */
export const wholeNumber =
  (name: string, least = 0) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least)
      throw new TriageError('E_USAGE', `${name} must be a whole number of at least ${least}, not "${text}"`)
    return value
  }

/** For commands that ask models, or start who does. */
export const recordOption = (): Option =>
  new Option('--record <folder>', 'keep the questions to models, and their answers, in this folder').conflicts('replay')
export const replayOption = (): Option => new Option('--replay <folder>', 'take the answers of models from this folder; none is asked')

export interface TapeOptions {
  record?: string
  replay?: string
}

/**
 * Hands the folders on as what this process was told by its environment is.
 * @param model that is asked; those that a planner would ask when absent
 * @throws E_USAGE when there is no model; E_CASSETTE; E_CONFIG when the environment names the other folder
 */
export async function useTape({ record, replay }: TapeOptions, model?: string): Promise<void> {
  const { env } = process
  if (record !== undefined) env.TRIAGE_MODEL_RECORD = resolve(record)
  if (replay !== undefined) env.TRIAGE_MODEL_REPLAY = resolve(replay)
  if ((record ?? replay) !== undefined && !(model || env.TRIAGE_MODEL_FAST || env.TRIAGE_MODEL_SMART))
    throw new TriageError('E_USAGE', '--record and --replay are for models, and neither TRIAGE_MODEL_FAST nor TRIAGE_MODEL_SMART names one')
  if (!env.TRIAGE_MODEL_RECORD && !env.TRIAGE_MODEL_REPLAY) return
  // Only who speaks to models loads their clients.
  const { checkTape, tapeOf } = await import('@triage/model')
  await checkTape(tapeOf())
}
