import { openRuntime, runtimeSettings } from '@triage/actor/runtime'
import { readConfig } from '@triage/config'
import { type ErrorCode, errors, limits } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import { Command } from 'commander'
import { loadStats } from '../launcher/practice-shop.ts'
import { Pulse } from '../launcher/readiness.ts'
import type { SwarmFile } from '../launcher/swarm-file.ts'
import { style, table } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'
import { safeModeOf } from './safe-mode.ts'

/** Listens for a little more than a heartbeat, or until every role was heard. */
async function heartbeats(session: Session): Promise<Pulse['heartbeats']> {
  const pulse = new Pulse(session.bus, session.keys)
  const deadline = performance.now() + limits.heartbeat_ms + 500
  while (performance.now() < deadline && session.swarm.roles.some((role) => !pulse.heartbeats.some((beat) => beat.role === role)))
    await new Promise((resolve) => setTimeout(resolve, 50))
  await pulse.stop()
  return pulse.heartbeats
}

/** What the swarm looks at, as its file says or the environment does; null where it cannot be reached from. */
async function runtimeOf({ runtime }: SwarmFile): Promise<RuntimeReader | null> {
  const told = { ...runtime, ...process.env }
  return told.TRIAGE_RUNTIME_URL ? openRuntime(readConfig(runtimeSettings, told)) : null
}

export const statusCommand = (): Command =>
  new Command('status')
    .description('show the processes of the swarm, the shop and the open incidents')
    .action(async (_, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const { swarm } = session
      const runtime = await runtimeOf(swarm)
      const [beats, workloads, load, stories, safeMode] = await Promise.all([
        heartbeats(session),
        runtime?.list() ?? null,
        swarm.loadgen_url ? loadStats(swarm.loadgen_url) : null,
        session.stories(),
        safeModeOf(session)
      ])
      const roles = swarm.roles.map((role) => ({ role, heartbeat: beats.find((beat) => beat.role === role) ?? null }))
      const open = [...stories.values()].filter(({ state }) => state.report && !state.end).map(({ state }) => state.id)
      const { mode, environment } = swarm
      const planners = [...swarm.models, 'rulebook']
      print(common, { swarm: roles, mode, environment, safe_mode: safeMode, planners, workloads, users: load, open_incidents: open }, () =>
        [
          `${style.title('Swarm')} mode ${mode}, environment ${environment}${safeMode === 'off' ? '' : style.bad(`, safe mode ${safeMode}`)}`,
          table(
            roles.map(({ role, heartbeat: beat }) => [
              beat?.ready ? style.good('●') : style.bad('○'),
              role,
              beat ? `pid ${beat.pid}` : 'not heard',
              beat ? `${(beat.rss_bytes / 1e6).toFixed(0)} MB` : '',
              beat?.refused ? style.warn(`${beat.refused} refused`) : '',
              beat?.alarms ? style.bad(beat.alarms.map((code) => `${errors[code as ErrorCode]?.title ?? code} (${code})`).join(', ')) : ''
            ])
          ),
          `${style.title('Plans are made by')} ${planners.join(', then ')}`,
          style.title(workloads ? 'Workloads' : 'Workloads cannot be seen from here'),
          table(
            (workloads ?? []).map(({ name, kind, status, health, pid, managed }) => [
              status === 'running' ? style.good('●') : style.bad('○'),
              name,
              kind,
              status,
              health ?? '',
              pid ? `pid ${pid}` : '',
              managed ? '' : style.warn('undeclared')
            ])
          ),
          load
            ? `${style.title('Users')} ${load.requests} requests in ${load.window_s} s, ${(load.error_ratio * 100).toFixed(0)}% errors, p95 ${load.p95_ms ?? '–'} ms`
            : '',
          `${style.title('Open incidents')} ${open.join(', ') || 'none'}`
        ].join('\n')
      )
    })
