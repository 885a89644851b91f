import { readConfig } from '@triage/config'
import { type ErrorReport, explain, TriageError } from '@triage/contracts'
import type { FoundModel, FoundServer } from '@triage/model'
import { Command } from 'commander'
import { printable, style, table } from '../render/style.ts'
import { commonOf, print } from './options.ts'

interface Link {
  role: 'fast' | 'smart'
  id: string
  context_tokens: number | null
  /** Why it cannot be asked; null when it can. */
  error: ErrorReport | null
}

/** Only this command speaks to models: the others shall not wait for their clients to be loaded. */
const models = () => import('@triage/model')

async function look(role: Link['role'], id: string): Promise<Link> {
  const { openModel } = await models()
  try {
    return { role, id, context_tokens: await openModel(id).contextTokens(), error: null }
  } catch (error) {
    return { role, id, context_tokens: null, error: TriageError.from(error).report }
  }
}

/** The models that a planner would ask, in their order; the rulebook stands behind them. */
async function chain(): Promise<Link[]> {
  const { modelSettings } = await models()
  const { model_fast: fast, model_smart: smart } = readConfig(modelSettings)
  return Promise.all([...(fast ? [look('fast', fast)] : []), ...(smart ? [look('smart', smart)] : [])])
}

const context = (tokens: number | null): string => (tokens === null ? '' : `${tokens} tokens`)
const why = ({ code, message }: ErrorReport): string =>
  explain(new TriageError(code as TriageError['code'], message)).replace('\n', '\n      ')

const modelRow = ({ id, size_bytes, context_tokens }: FoundModel): string[] => [
  '',
  id,
  size_bytes === null ? '' : `${(size_bytes / 1e9).toFixed(1)} GB`,
  context(context_tokens)
]

const serverLines = ({ url, provider, version, models: found, error }: FoundServer): string => {
  const sign = error ? style.bad('○') : style.good('●')
  const head = `${sign} ${provider} ${url}${version ? `, version ${version}` : ''}`
  if (error) return printable(`${head}\n      ${style.warn(why(error))}`)
  return `${printable(head)}\n${found.length > 0 ? table(found.map(modelRow)) : '      no models'}`
}

const linkRow = ({ role, id, context_tokens, error }: Link): string[] => [
  error ? style.bad('✗') : style.good('✓'),
  role,
  id,
  error ? style.warn(why(error)) : context(context_tokens)
]

/** One line that is written over, on a terminal; elsewhere nothing until it is done. */
async function pull(id: string): Promise<void> {
  const { pullModel } = await models()
  const show = (line: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${printable(line)}`)
  await pullModel(id, ({ status, completed, total }) =>
    show(total > 0 ? `${status} ${Math.floor((100 * completed) / total)}%` : status)
  ).finally(() => show(''))
}

export const modelsCommand = (): Command =>
  new Command('models')
    .description('show which language models can be reached, and which a planner would ask')
    .option('--pull <model>', 'first have Ollama fetch a model, as ollama/qwen3:4b')
    .action(async ({ pull: wanted }: { pull?: string }, command: Command) => {
      const { surveyModels } = await models()
      if (wanted) await pull(wanted)
      const [servers, links] = await Promise.all([surveyModels(), chain()])
      print(commonOf(command), { servers, chain: [...links, { role: 'rulebook' }] }, () =>
        [
          style.title('Servers'),
          ...servers.map(serverLines),
          style.title('A planner asks, in this order'),
          table([...links.map(linkRow), [style.good('✓'), 'rulebook', '', '']]),
          links.length > 0 ? '' : style.dim('TRIAGE_MODEL_FAST and TRIAGE_MODEL_SMART name no model: the rulebook plans alone.')
        ].join('\n')
      )
    })
