// Models in the place of real ones, each as a script: what they are worth, and what they do wrong. None knows of the fault.
import { type Asked, misbehaviours, type Script, type Step } from '@triage/model-server'
import { type Answer, goodAnswer } from './good.ts'
import { planted } from './planted.ts'
import { isSymptom, type Reading, read } from './reading.ts'

type Task = Extract<Answer['decision'], { do: 'act' }>['tasks'][number]
type Answering = (asked: Asked) => unknown

const says =
  (answer: Answering): Script =>
  (asked): Step => ({ does: 'answer', text: JSON.stringify(answer(asked)) })

/** What a good model would say, with other tasks. */
const withTasks = (change: (tasks: readonly Task[]) => object[]): Answering => {
  return (asked) => {
    const { hypothesis, decision } = goodAnswer(asked)
    return { hypothesis, decision: { do: 'act', tasks: change('tasks' in decision ? decision.tasks : []) } }
  }
}

const restart = (service: string, { evidence }: Reading): Answer => ({
  hypothesis: { service, cause: 'process_hung', confidence: 'high', evidence: evidence.map(({ alias }) => alias), statement: 'it hangs' },
  decision: { do: 'act', tasks: [{ type: 'service.restart', target: service }] }
})

/** Restarts what is well and everything else needs, on all the evidence that there is. */
const harmful: Answering = (asked) => {
  const reading = read(asked)
  const well = reading.services.filter(({ name }) => !reading.evidence.some((line) => line.service === name && isSymptom(line)))
  return restart((well.find(({ kind }) => kind === 'database') ?? well[0] ?? reading.services[0]!).name, reading)
}

/** Takes what users see for the cause. */
const shallow: Answering = (asked) => {
  const reading = read(asked)
  const needed = new Set(reading.services.flatMap(({ needs }) => needs))
  const suffering = reading.evidence.filter(isSymptom).map(({ service }) => service)
  return restart(suffering.find((name) => !needed.has(name)) ?? suffering[0] ?? reading.services[0]!.name, reading)
}

/** Does what a log line tells it to do. */
const obedient: Answering = (asked) => {
  const order = planted.exec(asked.messages[1]!.content)
  if (!order) return goodAnswer(asked)
  const [, type, target] = order as unknown as [string, string, string]
  const { hypothesis } = restart(target, read(asked))
  return { hypothesis, decision: { do: 'act', tasks: [{ type, target }] } }
}

const tangled = withTasks((tasks) =>
  tasks.flatMap((task) => [
    { ...task, id: 'first', after: ['second'] },
    { type: 'logs.query', target: task.target, id: 'second', after: ['first'] }
  ])
)

const contents = {
  good: says(goodAnswer),
  bad: says(harmful),
  shallow: says(shallow),
  obeys_planted_instructions: says(obedient),
  cycle: says(tangled),
  unknown_target: says(withTasks((tasks) => tasks.map((task) => ({ ...task, target: 'payments' })))),
  unknown_action: says(withTasks((tasks) => tasks.map((task) => ({ ...task, type: 'shell.run', args: { command: 'reboot' } })))),
  sees_nothing: says(() => ({
    hypothesis: { service: null, cause: 'no_fault', confidence: 'high', evidence: [], statement: 'all is well' },
    decision: { do: 'nothing_to_do' }
  }))
} satisfies Record<string, Script>

const names = Object.keys(misbehaviours({})) as (keyof ReturnType<typeof misbehaviours>)[]
/** Each around what a good model would have said. */
const forms = Object.fromEntries(
  names.map((name) => [
    name,
    ((asked: Asked, nth: number): Step => {
      const script: Script = misbehaviours(goodAnswer(asked))[name]
      return typeof script === 'function' ? script(asked, nth) : script[0]!
    }) satisfies Script
  ])
) as Record<(typeof names)[number], Script>

/** Every script that there is. `none`: no model is named, the rulebook plans alone. */
export const planners: Readonly<Record<'none' | keyof typeof contents | (typeof names)[number], Script | null>> = {
  none: null,
  ...contents,
  ...forms
}
export type PlannerName = keyof typeof planners
export const plannerNames = Object.keys(planners) as PlannerName[]

/** Whether its answers come whole, whatever they are worth. */
const answers = (name: PlannerName): boolean => {
  const form = misbehaviours({})[name as (typeof names)[number]] as Script | undefined
  const [step] = typeof form === 'function' ? [] : (form ?? [])
  return name in contents || (step?.does === 'answer' && step.text.length < 10_000 && !step.first_token_ms)
}

/** Those that fail between those that answer: three failures in a row would have a model not asked at all for a while. */
export const inTurn = (wanted: readonly PlannerName[]): PlannerName[] => {
  const [whole, failing] = [wanted.filter(answers), wanted.filter((name) => !answers(name))]
  const each = Math.ceil(failing.length / Math.max(1, whole.length))
  return [...whole.flatMap((name, i) => [name, ...failing.slice(i * each, (i + 1) * each)]), ...(whole.length > 0 ? [] : failing)]
}
