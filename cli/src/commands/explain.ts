import { readConfig } from '@triage/config'
import { type ErrorReport, TriageError } from '@triage/contracts'
import { explainError, explainIncident, storyOf, storyText } from '@triage/explain'
import type { IncidentState } from '@triage/incident'
import { Command } from 'commander'
import { untilInterrupted } from '../interrupt.ts'
import { explanationText } from '../render/explanation.ts'
import { printable, style } from '../render/style.ts'
import { Session } from '../session.ts'
import { wordIncident } from '../wording.ts'
import { type Common, commonOf, print, recordOption, replayOption, type TapeOptions, useTape } from './options.ts'

/** Of what is piped in, characters: programs say what went wrong at the end. */
const mostOfInput = 4000

async function inputText(): Promise<string> {
  if (process.stdin.isTTY) throw new TriageError('E_USAGE', 'name an incident, or give an error with --error or on standard input')
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text = (text + chunk).slice(-mostOfInput)
  if (text.trim() === '') throw new TriageError('E_USAGE', 'there is nothing to explain: standard input is empty')
  return text
}

function tellError(common: Common, text: string): void {
  const known = explainError(text)
  print(common, known ?? { what: null, said: text }, () =>
    known ? explanationText(known) : style.warn('This error is not among those of Docker, Kubernetes and HTTP that can be explained here.')
  )
  if (!known) process.exitCode = 1
}

interface Options extends TapeOptions {
  error?: string
  model?: string | true
}

/** The one that is named, else one that a planner would ask. Throws E_USAGE. */
function modelNamed(named: string | true): string {
  const id = named === true ? process.env.TRIAGE_MODEL_SMART || process.env.TRIAGE_MODEL_FAST : named
  if (id) return id
  throw new TriageError('E_USAGE', 'name a model, as --model ollama/qwen3:4b, or set TRIAGE_MODEL_SMART or TRIAGE_MODEL_FAST')
}

async function tellWorded(common: Common, state: IncidentState, id: string): Promise<void> {
  const { modelSettings, openTaped, seedOf } = await import('@triage/model')
  const { worded } = await import('@triage/explain/wording')
  const { signal } = untilInterrupted()
  const result = await wordIncident(openTaped(id), state, { seed: seedOf(readConfig(modelSettings)), signal })
  const story = storyOf(state)
  const text = storyText(result.wording ? worded(story, result.wording, id) : story)
  print(common, { incident_id: state.id, text, model: id, ...result }, () => printable(text))
  if (!result.wording && !common.json) console.error(style.warn(notWorded(id, result.error)))
}

/** In one line. */
const notWorded = (id: string, { code, message }: ErrorReport): string =>
  printable(`Not worded by ${id}: ${code} ${message}`.replaceAll('\n', ' '))

export const explainCommand = (): Command =>
  new Command('explain')
    .description('say in words what happened, why, and what to do: of an incident, or of an error of Docker, Kubernetes or HTTP')
    .argument('[id]', 'incident, or "last"; without it, the error on standard input')
    .option('--error <text>', 'what a program said')
    .option('--model [provider/model]', 'have a model word it, which may say no more than the facts do; by default the one planners ask')
    .addOption(recordOption())
    .addOption(replayOption())
    .action(async (id: string | undefined, { error, model, ...tape }: Options, command: Command) => {
      const common = commonOf(command)
      if (id !== undefined && error !== undefined) throw new TriageError('E_USAGE', 'explain either an incident or an error')
      if (id === undefined && model !== undefined) throw new TriageError('E_USAGE', 'a model words incidents: name one, or "last"')
      if (id === undefined) return tellError(common, error ?? (await inputText()))
      const named = model === undefined ? null : modelNamed(model)
      await useTape(tape, named ?? undefined)
      await using session = await Session.open(common.data)
      const { state } = await session.story(id)
      if (named !== null) return await tellWorded(common, state, named)
      const text = explainIncident(state)
      print(common, { incident_id: state.id, text }, () => printable(text))
    })
