import { parseEntry } from '@triage/audit-log'
import type { AuditVerdict } from '@triage/audit-verify'
import { findScenario, loadScenarios, type Scenario } from '@triage/scenarios'
import { Command } from 'commander'
import { verifyLive } from '../audit/verify-live.ts'
import { untilInterrupted } from '../interrupt.ts'
import { practiceShop } from '../launcher/practice-shop.ts'
import { Swarm } from '../launcher/swarm.ts'
import { type Rehearsal, rehearse, worldOf } from '../rehearsal.ts'
import { incidentText } from '../render/incident.ts'
import { duration, style, table } from '../render/style.ts'
import { timelineLine } from '../render/timeline.ts'
import { Session } from '../session.ts'
import { commonOf, recordOption, replayOption, type TapeOptions, useTape, wholeNumber } from './options.ts'

interface Result {
  rehearsal: Rehearsal
  audit: AuditVerdict
  processes: { name: string; pid: number; rss_mb: number }[]
}

/** The one object that programs read. */
function json(scenario: Scenario, seed: number, { rehearsal, audit, processes }: Result): object {
  const { state, phases, succeeded, checks } = rehearsal
  const actions = state.plans.flatMap(({ plan, tasks }) =>
    plan.tasks
      .filter(({ assigned_to }) => assigned_to === 'action-agent')
      .map(({ task_id, type, target }) => {
        const { status, attempt, result } = tasks[task_id]!
        return {
          plan_version: plan.plan_version,
          type,
          target,
          status,
          attempt,
          took_ms: result ? Date.parse(result.finished_at) - Date.parse(result.started_at) : null
        }
      })
  )
  return {
    scenario: scenario.name,
    seed,
    recovered: succeeded && audit.ok,
    outcome: state.end?.kind ?? 'open',
    hypothesis: state.plans.at(-1)?.plan.hypothesis ?? null,
    phases_ms: phases,
    plan_versions: state.plans.length,
    actions,
    checks,
    audit: { entries: audit.entries, verified: audit.ok },
    processes
  }
}

function report({ rehearsal, audit, processes }: Result): string {
  const { state, facts, checks } = rehearsal
  const sign = (ok: boolean): string => (ok ? style.good('✓') : style.bad('✗'))
  const memory = processes.reduce((sum, { rss_mb }) => sum + rss_mb, 0)
  return [
    '',
    style.dim('─'.repeat(72)),
    incidentText(state, facts),
    `${style.title('Oracle')} (knows the fault; shares nothing with the swarm)\n${table(checks.map(({ ok, name, detail }) => [sign(ok), name, style.dim(detail)]))}`,
    `${style.title('Audit')} ${sign(audit.ok)} ${audit.entries} entries, ${audit.ok ? `verified and witnessed, head ${audit.head.slice(0, 16)}…` : `entry ${audit.firstBad?.index}: ${audit.firstBad?.reason}`}`,
    style.dim(`${processes.length} processes in the swarm, ${memory.toFixed(0)} MB resident`)
  ].join('\n\n')
}

async function processesOf({ pulse, supervisor }: Swarm): Promise<Result['processes']> {
  const pids = supervisor.pids()
  return pulse.heartbeats.map(({ role, pid, rss_bytes }) => ({
    name: role,
    pid: pids[role] ?? pid,
    rss_mb: Math.round(rss_bytes / 1e5) / 10
  }))
}

const scenarioHelp = async (): Promise<string> =>
  `\nScenarios:\n${table((await loadScenarios()).filter(({ runtimes }) => runtimes.includes('process')).map(({ name, title }) => [style.accent(name), title]))}`

export const demoCommand = (): Command =>
  new Command('demo')
    .description('start a swarm and a small shop, break something, watch it being repaired, check everything, leave nothing behind')
    .option('--scenario <name>', 'what to break', 'db-conn-drift')
    .option('--seed <n>', 'seed of every choice', wholeNumber('--seed'), 0)
    .option('--list', 'list the scenarios')
    .addOption(recordOption())
    .addOption(replayOption())
    .action(async (options: TapeOptions & { scenario: string; seed: number; list?: boolean }, command: Command) => {
      if (options.list) return console.log((await scenarioHelp()).trimStart())
      const { json: asJson } = commonOf(command)
      await useTape(options)
      const scenario = await findScenario(options.scenario, 'process')
      const began = performance.now()
      const log = (line: string): void =>
        console.error(`${style.dim(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`)}  ${line}`)
      const { signal } = untilInterrupted()
      // Nobody is there to answer: it shows what a swarm does alone.
      process.env.TRIAGE_QUESTION_MS ??= '0'
      console.error(`${style.title(scenario.title)} ${style.dim(`(scenario ${scenario.number}, seed ${options.seed})`)}`)
      const swarm = await Swarm.up({ admit: practiceShop({ seed: options.seed + 1 }), data: null, natsPort: null, log, signal })
      try {
        log(`steady: swarm ready in ${duration(swarm.readyMs)}, the shop serves its users`)
        const result = await perform(swarm, scenario, options.seed, log, signal)
        console.error(report(result))
        log(`done in ${duration(performance.now() - began)}`)
        if (asJson) console.log(JSON.stringify(json(scenario, options.seed, result)))
        process.exitCode = result.rehearsal.succeeded && result.audit.ok ? 0 : 1
      } finally {
        await swarm.close()
      }
    })

async function perform(swarm: Swarm, scenario: Scenario, seed: number, log: (line: string) => void, signal: AbortSignal): Promise<Result> {
  await using session = await Session.open(swarm.data)
  let start = 0
  const onFact: Parameters<typeof rehearse>[2]['onFact'] = (fact) => {
    start ||= fact.at
    const line = timelineLine(fact, start)
    if (line) console.error(line)
  }
  const rehearsal = await rehearse(worldOf(swarm), session, { scenario, seed, signal, log, onFact })
  return { rehearsal, audit: await settledAudit(session), processes: await processesOf(swarm) }
}

/** The auditor is a moment behind: waits until the incident's last fact is on record, then verifies. */
async function settledAudit(session: Session): Promise<AuditVerdict> {
  const { lastSeq } = await session.bus.size('INCIDENTS')
  const deadline = performance.now() + 5_000
  for (;;) {
    const last = await session.bus.last('AUDIT')
    if ((last && parseEntry(last.body).log.cursor.INCIDENTS >= lastSeq) || performance.now() > deadline) return verifyLive(session)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
