import type { EngineRecord } from '../engine/records.ts'
import type { EngineState, WayState } from '../engine/states.ts'
import type { Link } from '../model-chain.ts'
import { printable, style, table } from './style.ts'

/** What makes a planner ask it. */
export const variablesOf = ({ client }: EngineRecord): string[] =>
  Object.entries({ ...client.env, TRIAGE_MODEL_FAST: client.id }).map(([name, value]) => `${name}=${value}`)

const places = { adopted: 'was there', container: 'container', program: 'program' }

/** What to set so that a planner asks it. */
export const settingsText = (record: EngineRecord, started: boolean): string =>
  printable(
    [
      `${style.good('up')}: ${record.spec.model} answers${started ? '' : '; it was there before, and stays'}`,
      ...record.passed.slice(1).map(({ way, why }) => style.dim(`  not by a ${way}: ${why}`)),
      '',
      ...variablesOf(record).map((line) => `  export ${style.accent(line)}`),
      ''
    ].join('\n')
  )

function stateText(state: EngineState): string {
  const { spec, at, down, passed } = state
  const head = `  ${down === null ? style.good('●') : style.dim('○')} ${style.title(spec.name)}${at ? `, ${places[at.place]}` : ''}: ${spec.model}`
  const why = at ? passed.map((one) => style.dim(`not ${one.way}: ${one.why}`)) : []
  return [head, ...[down ?? variablesOf(state).join(' '), ...why].map((line) => `      ${line}`)].join('\n')
}

export const enginesText = (states: readonly EngineState[]): string =>
  printable(
    [style.title('Engines'), ...(states.length > 0 ? states.map(stateText) : ['  none; start one with `triage engine up MODEL`'])].join(
      '\n'
    )
  )

/** First how a model comes to be served, then who plans when it fails. */
export function waysText(ways: readonly WayState[], chain: readonly Link[]): string {
  const first = [style.dim('·'), 'a server that answers and has the model', style.dim('where OLLAMA_HOST and OPENAI_BASE_URL point')]
  const rows = [first, ...ways.map(({ way, why }) => [why ? style.dim('✗') : style.good('✓'), way, why ?? ''])]
  const links = chain.map(({ role, id, error }) => [
    error ? style.bad('✗') : style.good('✓'),
    role,
    `${id}${error ? `: ${error.message}` : ''}`
  ])
  return [
    style.title('`engine up` tries, in this order'),
    table(rows),
    style.title('A planner asks, in this order'),
    table([...links, [style.good('✓'), 'rulebook', 'without any model']])
  ].join('\n')
}
