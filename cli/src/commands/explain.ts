import { TriageError } from '@triage/contracts'
import { explainError, explainIncident } from '@triage/explain'
import { Command } from 'commander'
import { explanationText } from '../render/explanation.ts'
import { printable, style } from '../render/style.ts'
import { Session } from '../session.ts'
import { type Common, commonOf, print } from './options.ts'

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

export const explainCommand = (): Command =>
  new Command('explain')
    .description('say in words what happened, why, and what to do: of an incident, or of an error of Docker, Kubernetes or HTTP')
    .argument('[id]', 'incident, or "last"; without it, the error on standard input')
    .option('--error <text>', 'what a program said')
    .action(async (id: string | undefined, { error }: { error?: string }, command: Command) => {
      const common = commonOf(command)
      if (id !== undefined && error !== undefined) throw new TriageError('E_USAGE', 'explain either an incident or an error')
      if (id === undefined) return tellError(common, error ?? (await inputText()))
      await using session = await Session.open(common.data)
      const { state } = await session.story(id)
      const text = explainIncident(state)
      print(common, { incident_id: state.id, text }, () => printable(text))
    })
