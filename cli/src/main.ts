import { constants } from 'node:os'
import { errors, explain, TriageError } from '@triage/contracts'
import { Command, CommanderError } from 'commander'
import { approvalsCommand, approveCommand, denyCommand } from './commands/approvals.ts'
import { attachCommand } from './commands/attach.ts'
import { auditCommand } from './commands/audit.ts'
import { demoCommand } from './commands/demo.ts'
import { discoverCommand } from './commands/discover.ts'
import { doctorCommand } from './commands/doctor.ts'
import { downCommand } from './commands/down.ts'
import { engineCommand } from './commands/engine.ts'
import { explainCommand } from './commands/explain.ts'
import { incidentsCommand } from './commands/incidents.ts'
import { injectCommand } from './commands/inject.ts'
import { keysCommand } from './commands/keys.ts'
import { modelsCommand } from './commands/models.ts'
import { policyCommand } from './commands/policy.ts'
import { answerCommand, questionsCommand } from './commands/questions.ts'
import { replayCommand } from './commands/replay.ts'
import { reportCommand } from './commands/report.ts'
import { safeModeCommand } from './commands/safe-mode.ts'
import { showCommand } from './commands/show.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { watchCommand } from './commands/watch.ts'
import { Interrupted } from './interrupt.ts'
import { hintOf } from './render/explanation.ts'
import { redactOutput } from './render/redact-output.ts'
import { style } from './render/style.ts'

/** 0 done, 1 failed, 2 usage; 128 and the signal's number when interrupted, as shells have it. */
function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return 128 + constants.signals[error.signal]
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return TriageError.from(error).code === 'E_USAGE' ? 2 : 1
}

function complain(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) return // Commander has said it.
  if (error instanceof Interrupted) {
    console.error(style.dim(`${error.message}; everything was taken down`))
    return
  }
  const failure = TriageError.from(error)
  if (json) console.log(JSON.stringify({ error: { ...failure.report, help: errors[failure.code].help } }))
  else console.error(style.bad(explain(failure)))
  const hint = hintOf(failure)
  if (hint && !json) console.error(style.warn(hint))
  if (failure.code === 'E_INTERNAL' && failure.cause instanceof Error) console.error(style.dim(failure.cause.stack ?? ''))
}

const program = new Command('triage')
  .description('An incident-response swarm: report what is wrong, watch it being repaired, check what was done.')
  .option('--data <folder>', 'folder of the running swarm', process.env.TRIAGE_DATA ?? '.triage')
  .option('--json', 'print JSON for programs')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(see --help)')
const commands = [
  upCommand,
  attachCommand,
  downCommand,
  statusCommand,
  reportCommand,
  incidentsCommand,
  showCommand,
  explainCommand,
  replayCommand,
  watchCommand,
  approvalsCommand,
  approveCommand,
  denyCommand,
  questionsCommand,
  answerCommand,
  safeModeCommand,
  policyCommand,
  injectCommand,
  auditCommand,
  keysCommand,
  discoverCommand,
  modelsCommand,
  engineCommand,
  doctorCommand,
  demoCommand
]
for (const command of commands) program.addCommand(command())
for (const command of [program, ...program.commands, ...program.commands.flatMap((sub) => sub.commands)])
  command.exitOverride().showHelpAfterError('(see --help)').configureHelp({ showGlobalOptions: true })

redactOutput()
try {
  await program.parseAsync()
} catch (error) {
  complain(error, process.argv.includes('--json'))
  process.exitCode = exitCodeOf(error)
}
