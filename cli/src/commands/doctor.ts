import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { findNatsServer, findPostgres, findRedisServer } from '@triage/binaries'
import { type ErrorCode, errors, TriageError } from '@triage/contracts'
import { KeyFile, stateOf } from '@triage/keyring'
import { Command } from 'commander'
import { dataPaths } from '../launcher/folders.ts'
import { practiceRules } from '../launcher/swarm-processes.ts'
import { embedLink, modelChain } from '../model-chain.ts'
import { style, table } from '../render/style.ts'
import { Session } from '../session.ts'
import { localEngine } from './discover.ts'
import { commonOf, print } from './options.ts'

interface Found {
  /** null: does not apply. */
  ok: boolean | null
  detail: string
  help?: string
}

interface Finding extends Found {
  what: string
}

async function examine(what: string, look: () => Promise<string | Found>): Promise<Finding> {
  try {
    const found = await look()
    return typeof found === 'string' ? { what, ok: true, detail: found } : { what, ...found }
  } catch (error) {
    const { code, message } = TriageError.from(error)
    return { what, ok: false, detail: `${message} (${code})`, help: errors[code].help }
  }
}

const nothing = (): void => {}

const writable = async (folder: string): Promise<string> => {
  const existing = await stat(folder).then(
    () => folder,
    () => dirname(folder)
  )
  await access(existing, constants.W_OK).catch((error) => {
    throw new TriageError('E_CONFIG', `${existing} cannot be written: ${(error as Error).message}`)
  })
  return folder
}

const keyFile = async (data: string): Promise<string | Found> => {
  const file = new KeyFile(dataPaths(data).keys)
  if (!file.exists) return { ok: null, detail: 'made at the first start' }
  const current = file.read().find((version) => stateOf(version, Date.now()) === 'current')
  return `opens, and is for its owner alone; ${current?.id} signs`
}

const policies = async (): Promise<string> => {
  const { loadPolicies } = await import('@triage/policy')
  return `${loadPolicies(practiceRules.policies).size} valid`
}

/** Who has no Docker needs none, unless it is a project of containers that shall be watched. */
const docker = async (): Promise<string | Found> => {
  const { reachEngine } = await import('@triage/runtime/docker')
  try {
    const { version, projects } = await reachEngine({ url: localEngine() })
    return `${version}; compose projects: ${projects.join(', ') || 'none'}`
  } catch (error) {
    return { ok: null, detail: `${TriageError.from(error).message}; only \`discover\` and \`attach\` need it` }
  }
}

const composeCommand = async (): Promise<string | Found> => {
  const { stdout } = await promisify(execFile)('docker', ['compose', 'version', '--short'], { timeout: 10_000 }).catch(() => ({
    stdout: ''
  }))
  return stdout.trim() || { ok: null, detail: 'not there; only the shop in containers needs it' }
}

/** Who names no model needs none: the rulebook plans. */
const models = async (): Promise<string | Found> => {
  const chain = await modelChain()
  if (chain.length === 0) return { ok: null, detail: 'none configured: the rulebook plans alone; see `triage models`' }
  const embed = await embedLink()
  const links = embed ? [...chain, embed] : chain
  const broken = links.find(({ error }) => error)
  const detail = links
    .map(
      ({ role, id, context_tokens, error }) => `${role} ${id}: ${error ? `${error.message} (${error.code})` : `${context_tokens} tokens`}`
    )
    .join('; ')
  const meanwhile = broken === embed ? 'runbooks are found by their words' : 'the next in the chain plans, at last the rulebook'
  const help = broken && `${errors[broken.error!.code as ErrorCode].help} Until then ${meanwhile}.`
  return { ok: !broken, detail, ...(help && { help }) }
}

const running = async (data: string): Promise<string | Found> => {
  try {
    await using session = await Session.open(data)
    const { messages } = await session.bus.size('INCIDENTS')
    return `up, ${messages} facts on record, ${session.swarm.nats_url}`
  } catch (error) {
    if (TriageError.from(error).code === 'E_NOT_UP') return { ok: null, detail: 'not up' }
    throw error
  }
}

export const doctorCommand = (): Command =>
  new Command('doctor').description('find out what is missing, and say what to do').action(async (_, command: Command) => {
    const common = commonOf(command)
    const findings = [
      await examine('Node', async () => process.versions.node),
      await examine('nats-server', async () => {
        const { version, source, lacks } = await findNatsServer({ env: process.env, log: nothing })
        return { ok: lacks.length === 0, detail: [`${version} (${source})`, ...lacks].join('; ') }
      }),
      await examine('redis-server', async () => {
        const { version, source } = await findRedisServer({ env: process.env, log: nothing })
        return `${version} (${source})`
      }),
      await examine('Postgres', async () => {
        await findPostgres()
        return 'embedded'
      }),
      await examine('Docker Engine', docker),
      await examine('Docker Compose', composeCommand),
      await examine('models', models),
      await examine('data folder', () => writable(common.data)),
      await examine('key file', () => keyFile(common.data)),
      await examine('policies', policies),
      await examine('swarm', () => running(common.data))
    ]
    const sign = (ok: boolean | null): string => (ok === null ? style.dim('·') : ok ? style.good('✓') : style.bad('✗'))
    print(common, findings, () =>
      table(
        findings.map(({ what, ok, detail, help }) => [sign(ok), what, detail + (help ? `\n      ${style.warn(help)}` : '')]),
        ''
      )
    )
    if (findings.some(({ ok }) => ok === false)) process.exitCode = 1
  })
