import { Command } from 'commander'
import { style } from '../render/style.ts'
import { timelineLine } from '../render/timeline.ts'
import { Session } from '../session.ts'
import { commonOf } from './options.ts'

export const watchCommand = (): Command =>
  new Command('watch').description('follow all incidents live, until Ctrl-C').action(async (_, command: Command) => {
    const { data, json } = commonOf(command)
    await using session = await Session.open(data)
    const aborted = new AbortController()
    process.once('SIGINT', () => aborted.abort())
    process.once('SIGTERM', () => aborted.abort())
    const starts = new Map<string, number>()
    for (const [id, { state }] of await session.stories()) starts.set(id, state.openedAt)
    const { lastSeq } = await session.bus.size('INCIDENTS')
    if (!json) console.log(style.dim('watching; Ctrl-C ends it'))
    await session.until(
      (fact) => {
        if (!starts.has(fact.incident_id)) starts.set(fact.incident_id, fact.at)
        const line = json ? JSON.stringify(fact) : timelineLine(fact, starts.get(fact.incident_id)!)
        if (line) console.log(json ? line : `${style.dim(fact.incident_id)} ${line}`)
        return false
      },
      { from: lastSeq + 1, signal: aborted.signal }
    )
  })
