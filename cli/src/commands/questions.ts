import { Command } from 'commander'
import { type AskedOf, answerQuestion, openQuestions } from '../questions.ts'
import { duration, printable, style } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

function text({ state, question }: AskedOf): string {
  const { source, plan } = state.plans.at(-1)!
  return printable(
    [
      `${style.title(state.id)} “${state.report?.text.slice(0, 100) ?? ''}”`,
      `  asks      ${style.accent(question.question)}`,
      `  because   ${plan.hypothesis.statement} ${style.dim(`(by ${source})`)}`,
      `  expires   in ${duration(Math.max(0, question.expiresAt - Date.now()))}`
    ].join('\n')
  )
}

const iso = (ms: number): string => new Date(ms).toISOString()

const plain = ({ state, question: { question, plan_version, at, expiresAt } }: AskedOf): object => ({
  incident_id: state.id,
  plan_version,
  question,
  asked_at: iso(at),
  expires_at: iso(expiresAt)
})

export const questionsCommand = (): Command =>
  new Command('questions').description('list what incidents ask people').action(async (_, command: Command) => {
    const common = commonOf(command)
    await using session = await Session.open(common.data)
    const open = await openQuestions(session)
    print(common, open.map(plain), () => open.map(text).join('\n\n') || 'nothing is asked')
  })

export const answerCommand = (): Command =>
  new Command('answer')
    .description('answer what an incident asks, in any words; the next plan is made with it')
    .argument('<id>', 'incident, as `triage questions` lists it, or "last"')
    .argument('<text...>', 'the answer')
    .action(async (id: string, words: string[], _, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      const { state, question } = await answerQuestion(session, id, words.join(' '))
      print(common, { incident_id: state.id, plan_version: question.plan_version }, () => `answered; follow it: npx triage watch`)
    })
