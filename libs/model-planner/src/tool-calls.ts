// Calls of tools, as models write them that were never given any, and tasks without an answer around them.
import { type Fields, isFields } from './fields.ts'

const fieldOf = (fields: Fields, names: readonly string[]): unknown =>
  names.map((name) => fields[name]).find((value) => value !== undefined)

/** Arguments as an object, or as JSON in a text, as OpenAI has them. */
function argumentsOf(value: unknown): Fields | null {
  if (value === undefined) return {}
  if (typeof value !== 'string') return isFields(value) ? value : null
  try {
    const parsed: unknown = JSON.parse(value)
    return isFields(parsed) ? parsed : null
  } catch {
    return null
  }
}

/** Null: it is no call. */
function callOf(value: Fields): { name: string; given: Fields; target: unknown } | null {
  if (isFields(value.function)) return callOf(value.function)
  const name = fieldOf(value, ['name', 'action', 'tool', 'tool_name'])
  const given = argumentsOf(fieldOf(value, ['arguments', 'parameters', 'args', 'action_input', 'input']))
  return typeof name === 'string' && given ? { name, given, target: value.target } : null
}

/** The arguments of a single call, which may be all of an answer; null when it is none. */
export function argumentsOfCall(value: unknown): Fields | null {
  if (!isFields(value)) return null
  const calls = value.tool_calls
  if (Array.isArray(calls)) return calls.length === 1 ? argumentsOfCall(calls[0]) : null
  return callOf(value)?.given ?? null
}

/** The task that a call stands for: what is called is its type, `target` among the arguments its target. Null: it is no call. */
function taskOfCall(value: Fields): Fields | null {
  const call = callOf(value)
  if (!call) return null
  const { name, given } = call
  const { target = call.target, service, ...args } = given
  const aim = target ?? service
  return { type: name, ...(aim === undefined ? {} : { target: aim }), args }
}

const isTask = (value: Fields): boolean => typeof value.type === 'string' && typeof value.target === 'string'

/** The tasks that a value stands for: a task, a call, or a list of either; null when it is something else. */
export function tasksOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) {
    const all = value.map(tasksOf)
    return all.length > 0 && all.every((tasks) => tasks !== null) ? all.flat() : null
  }
  if (!isFields(value)) return null
  if (Array.isArray(value.tool_calls)) return tasksOf(value.tool_calls)
  if (isTask(value)) return [value]
  const task = taskOfCall(value)
  return task && [task]
}

/** `Action: service.start`, with `Target: orders` or with the arguments that stand in the text. Null when there is not just one. */
export function taskOfLines(text: string, args: unknown): unknown[] | null {
  const actions = [...text.matchAll(/^[ \t*_-]{0,8}action[*_]{0,2}:[*_ \t`"]{0,8}([a-z]{1,32}\.[a-z_]{1,32})\b/gim)]
  const targets = [...text.matchAll(/^[ \t*_-]{0,8}target[*_]{0,2}:[*_ \t`"]{0,8}([a-z0-9][a-z0-9_-]{0,62})/gim)]
  if (actions.length !== 1 || targets.length > 1) return null
  return tasksOf({ name: actions[0]![1], arguments: args, ...(targets[0] && { target: targets[0][1] }) })
}
