import type { EngineRecord } from '../engine/records.ts'
import type { EngineState, WayState } from '../engine/states.ts'
import type { Link } from '../model-chain.ts'
import { printable, style, table } from './style.ts'

const variables = ({ client }: EngineRecord): string[] =>
  Object.entries({ ...client.env, TRIAGE_MODEL_FAST: client.id }).map(([name, value]) => `${name}=${value}`)

const places = { adopted: 'was there', container: 'container', program: 'program' }

/** What to set so that a planner asks it. */
export const settingsText = (record: EngineRecord, started: boolean): string =>
  printable(
    [
      `${style.good('up')}: ${record.spec.model} answers${started ? '' : '; it was there before, and stays'}`,
      ...record.passed.slice(1).map(({ way, why }) => style.dim(`  not by a ${way}: ${why}`)),
      '',
      ...variables(record).map((line) => `  export ${style.accent(line)}`),
      ''
    ].join('\n')
  )

export function engineRows(states: readonly EngineState[]): string {
  const rows = states.flatMap((state) => [
    [
      state.down === null ? style.good('●') : style.dim('○'),
      state.spec.name,
      state.client.id,
      state.at ? places[state.at.place] : '',
      state.down ?? variables(state).join(' ')
    ],
    ...(state.at ? state.passed.map(({ way, why }) => ['', '', style.dim(`not ${way}: ${why}`)]) : [])
  ])
  return `${style.title('Engines')}\n${rows.length > 0 ? table(rows) : '  none; start one with `triage engine up MODEL`'}`
}

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
