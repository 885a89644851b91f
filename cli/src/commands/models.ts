import { type ErrorReport, explain, TriageError } from '@triage/contracts'
import type { FoundModel, FoundServer } from '@triage/model'
import { Command } from 'commander'
import { Records } from '../engine/records.ts'
import { dataPaths } from '../launcher/folders.ts'
import { embedLink, type Link, modelChain } from '../model-chain.ts'
import { variablesOf } from '../render/engines.ts'
import { printable, style, table } from '../render/style.ts'
import { commonOf, print } from './options.ts'

/** Only who speaks to models loads their clients: the other commands shall not wait for them. */
const models = () => import('@triage/model')

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

/** Servers of the engines that are up, and what to set so that a planner asks them. */
async function ownServers(records: Records): Promise<{ server: FoundServer; set: string[] }[]> {
  const { surveyModels } = await models()
  const known = (await records.all()).filter(({ at }) => at && at.place !== 'adopted')
  const found = await Promise.all(
    known.map(async (record) => {
      const provider = record.client.id.split('/')[0]
      const server = (await surveyModels(record.client.env)).find((each) => each.provider === provider)!
      return { server, set: variablesOf(record) }
    })
  )
  return found.filter(({ server }) => !server.error)
}

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
      const common = commonOf(command)
      const engines = new Records(dataPaths(common.data).engines)
      const [servers, own, links, embed] = await Promise.all([surveyModels(), ownServers(engines), modelChain(), embedLink()])
      print(common, { servers, engines: own, chain: [...links, { role: 'rulebook' }], embed }, () =>
        [
          style.title('Servers'),
          ...servers.map(serverLines),
          ...own.flatMap(({ server, set }) => [serverLines(server), printable(style.dim(`      set ${set.join(' ')}`))]),
          style.title('A planner asks, in this order'),
          table([...links.map(linkRow), [style.good('✓'), 'rulebook', '', '']]),
          ...(embed
            ? [style.title('Runbooks are found by their words, and by the meaning that it gives them'), table([linkRow(embed)])]
            : []),
          links.length > 0 ? '' : style.dim('TRIAGE_MODEL_FAST and TRIAGE_MODEL_SMART name no model: the rulebook plans alone.')
        ].join('\n')
      )
    })
