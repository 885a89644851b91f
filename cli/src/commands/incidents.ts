import { openQuestion } from '@triage/incident'
import { Command } from 'commander'
import { duration, style, table } from '../render/style.ts'
import type { Story } from '../session.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

const isAsking = ({ state }: Story): boolean =>
  openQuestion(state) !== null || Object.values(state.plans.at(-1)?.tasks ?? {}).some(({ status }) => status === 'awaiting_approval')

const outcome = (story: Story): string =>
  story.state.rejected ? 'rejected' : (story.state.end?.kind ?? (isAsking(story) ? 'waits for a human' : 'open'))

function summary(story: Story): object {
  const { state } = story
  return {
    incident_id: state.id,
    opened_at: new Date(state.openedAt).toISOString(),
    outcome: outcome(story),
    reason: state.rejected?.code ?? state.end?.reason ?? null,
    text: state.report?.text ?? null,
    hypothesis: state.plans.at(-1)?.plan.hypothesis ?? null,
    plan_versions: state.plans.length,
    took_ms: state.end ? state.end.at - state.openedAt : null
  }
}

function row(story: Story): string[] {
  const { state } = story
  const colour = {
    recovered: style.good,
    escalated: style.bad,
    rejected: style.bad,
    cancelled: style.dim,
    open: style.accent,
    'waits for a human': style.warn
  }[outcome(story)]!
  const cause = state.plans.at(-1)?.plan.hypothesis
  return [
    state.id,
    colour(outcome(story)),
    state.end ? duration(state.end.at - state.openedAt) : '',
    cause ? `${cause.cause}${cause.service ? ` ${cause.service}` : ''}` : (state.rejected?.code ?? ''),
    `“${(state.report?.text ?? '').replaceAll('\n', ' ').slice(0, 60)}”`
  ]
}

export const incidentsCommand = (): Command =>
  new Command('incidents').description('list the incidents, newest last').action(async (_, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const stories = [...(await session.stories()).values()]
    print(common, stories.map(summary), () =>
      stories.length > 0 ? table(stories.map(row), '') : 'No incidents. Report one: npx triage report "checkout throws 500s"'
    )
  })
