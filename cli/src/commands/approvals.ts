import { createInterface } from 'node:readline/promises'
import { type Task, TriageError } from '@triage/contracts'
import { Command } from 'commander'
import { type Awaited, awaitedApprovals, type Change, change, deny, findAwaited, grant } from '../awaited.ts'
import { duration, printable, style } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

function text({ state, request }: Awaited): string {
  const { approval_id, task, why, policies, expires_at } = request
  const left = Math.max(0, Date.parse(expires_at) - Date.now())
  return printable(
    [
      `${style.title(approval_id)} ${style.accent(task.type)} on ${task.target}${Object.keys(task.args).length > 0 ? ` with ${JSON.stringify(task.args)}` : ''}`,
      `  incident  ${state.id} “${state.report?.text.slice(0, 100) ?? ''}”`,
      `  because   ${state.plans.at(-1)?.plan.hypothesis.statement ?? ''}`,
      `  asked     ${why} ${style.dim(`(${policies.join(', ')})`)}`,
      `  expires   in ${duration(left)}`
    ].join('\n')
  )
}

export const approvalsCommand = (): Command =>
  new Command('approvals').description('list the actions that wait for a human').action(async (_, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const awaited = await awaitedApprovals(session)
    const plain = awaited.map(({ request, state, at }) => ({ ...request, incident_id: state.id, asked_at: new Date(at).toISOString() }))
    print(common, plain, () => awaited.map(text).join('\n\n') || 'no action waits for a human')
  })

function argsOf(json: string): Task['args'] {
  try {
    const args: unknown = JSON.parse(json)
    if (typeof args === 'object' && args !== null && !Array.isArray(args)) return args as Task['args']
  } catch {
    // Told below.
  }
  throw new TriageError('E_USAGE', `--args must be a JSON object, not ${json}`)
}

/** Asks on the terminal. Throws E_USAGE where there is none to ask on. */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new TriageError('E_USAGE', 'there is no terminal to ask on: say --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${question} [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

export const approveCommand = (): Command =>
  new Command('approve')
    .description('allow what waits for a human, with your signature; or another action instead')
    .argument('<id>', 'approval, as `triage approvals` lists it')
    .option('--target <service>', 'allow it on another target instead')
    .option('--args <json>', 'allow it with other arguments instead', argsOf)
    .option('--yes', 'do not ask again')
    .action(async (id: string, { yes, ...wanted }: Change & { yes?: boolean }, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const awaited = await findAwaited(session, id)
      const changed = wanted.target !== undefined || wanted.args !== undefined
      if (!yes) {
        console.error(text(awaited))
        if (!(await confirm(changed ? `Allow it instead with ${JSON.stringify(wanted)}?` : 'Allow it?'))) return
      }
      const plan = changed ? await change(session, awaited, wanted) : await grant(session, awaited)
      print(
        common,
        { approval_id: id, incident_id: awaited.state.id, ...(plan && { plan_version: plan.plan_version, plan_id: plan.plan_id }) },
        () => (plan ? `signed; plan ${plan.plan_version} is proposed instead` : 'signed; it is carried out now')
      )
    })

export const denyCommand = (): Command =>
  new Command('deny')
    .description('do not allow what waits for a human; the incident is handed to people')
    .argument('<id>', 'approval, as `triage approvals` lists it')
    .requiredOption('--reason <text>', 'why not')
    .action(async (id: string, { reason }: { reason: string }, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const awaited = await findAwaited(session, id)
      await deny(session, awaited, reason)
      print(common, { approval_id: id, incident_id: awaited.state.id }, () => 'denied; nothing is changed')
    })
