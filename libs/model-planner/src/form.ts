// Repairs the form of an answer, once, and says what it changed.
//
// Invariants
// 1. Values stay as they are: nothing is completed, translated, or chosen between. `jsonrepair`, which is made for that, ends what was
//    cut off and sets quotes and commas where it believes that they belong: a plan could come out that no model meant.
// 2. Time and memory grow with the length of the text, which is bounded.
import { isDeepStrictEqual } from 'node:util'
import { parseStrict } from '@triage/envelope'
import { type Fields, isFields } from './fields.ts'
import { jsonIn } from './json-in-text.ts'
import { argumentsOfCall, taskOfLines, tasksOf } from './tool-calls.ts'

export interface Form {
  /** Null when there is not one object in the text. */
  object: Record<string, unknown> | null
  /** What was changed, in the order in which it was done. */
  repairs: string[]
  /** Why there is no object. */
  trouble: string | null
}

/** Longest answer, in characters. */
const longest = 256 * 1024

const isAnswer = (value: unknown): value is Fields =>
  isFields(value) && ['hypothesis', 'decision', 'tasks'].some((name) => Object.hasOwn(value, name))

const failed = (trouble: string, repairs: string[] = []): Form => ({ object: null, repairs, trouble })

function strictly(text: string): unknown {
  try {
    return parseStrict(text)
  } catch {
    return undefined
  }
}

/** What a model thinks before it answers; a template may have begun it. */
function withoutThinking(text: string): string {
  const end = text.lastIndexOf('</think>')
  return end < 0 ? text : text.slice(end + '</think>'.length)
}

/** The object that values stand for, of which there is at least one. */
function shaped(values: readonly unknown[], repairs: string[]): Form {
  const called = values.map(argumentsOfCall)
  const answers = called.every(isAnswer) ? called : values.filter(isAnswer)
  if (answers === called) repairs.push('the call around it taken off')
  if (answers.length > 0) {
    if (answers.some((answer) => !isDeepStrictEqual(answer, answers[0]))) return failed('it holds more than one answer', repairs)
    return { object: answers[0]!, repairs, trouble: null }
  }
  const tasks = values.map(tasksOf).filter((found) => found !== null)
  if (tasks.length > 0)
    return { object: { tasks: tasks.flat() }, repairs: [...repairs, 'calls or bare tasks made into tasks'], trouble: null }
  const objects = values.filter(isFields)
  return objects.length === 1
    ? { object: objects[0]!, repairs, trouble: null }
    : failed(objects.length === 0 ? 'it holds a list that is none of tasks' : 'it holds several objects and none is an answer', repairs)
}

/** Never throws. */
export function repairForm(text: string): Form {
  if (text.length > longest) return failed(`it is longer than ${longest / 1024} KiB`)
  const whole = strictly(text)
  if (typeof whole === 'object' && whole !== null) return shaped([whole], [])
  const spoken = withoutThinking(text)
  const repairs = spoken === text ? [] : ['thinking taken out']
  const { found, trouble } = jsonIn(spoken)
  const around = found.length === 1 ? `${spoken.slice(0, found[0]!.start)} ${spoken.slice(found[0]!.end)}` : spoken
  if (found.length > 0 && around.trim() !== '')
    repairs.push(/^\s*`{3,}\w*\s*`{3,}\s*$/.test(around) ? 'code fence taken off' : 'text around it taken off')
  const commas = found.reduce((sum, one) => sum + one.commas, 0)
  if (commas > 0) repairs.push('trailing commas taken out')
  const values = found.map(({ value }) => value)
  const spelled = values.length <= 1 && !values.some((value) => isAnswer(value) || tasksOf(value)) ? taskOfLines(around, values[0]) : null
  if (spelled) return { object: { tasks: spelled }, repairs: ['an action in words made into a task'], trouble: null }
  if (trouble !== null && !values.some(isAnswer)) return failed(trouble, repairs)
  return values.length > 0 ? shaped(values, repairs) : failed('it holds no JSON object', repairs)
}
