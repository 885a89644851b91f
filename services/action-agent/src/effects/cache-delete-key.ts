import { type CacheDeleteKeyArgs, TriageError } from '@triage/contracts'
import { type Effect, type EffectContext, keyed } from './effect.ts'

/** Runs one Redis command beside the cache. Each argument is an element of argv: nothing is ever read by a shell. */
export async function redis({ runtime, request }: EffectContext, ...command: string[]): Promise<string> {
  const { exit_code, stdout, stderr } = await runtime.exec(
    request.task.target,
    ['redis-cli', ...command],
    command[0] === 'DEL' ? keyed(request) : {}
  )
  if (exit_code !== 0 || /^(ERR|WRONGTYPE|NOAUTH)/.test(stdout))
    throw new TriageError('E_RUNTIME_FAILED', `redis ${command[0]}: ${(stderr || stdout).trim().slice(0, 200)}`)
  return stdout.replace(/\n$/, '')
}

const keyOf = ({ request }: EffectContext): string => (request.task.args as unknown as CacheDeleteKeyArgs).key

const keyExists = async (context: EffectContext): Promise<boolean> => (await redis(context, 'EXISTS', keyOf(context))).trim().endsWith('1')

/** Whether the key holds what it held before: whoever reads it next may have put something else there within a moment. */
export const isUnchanged = async (context: EffectContext): Promise<boolean> =>
  (await keyExists(context)) && (context.before === undefined || (await redis(context, 'GET', keyOf(context))) === context.before)

export const cacheDeleteKey: Effect = {
  precondition: async (context) => ((await keyExists(context)) ? null : `the key ${keyOf(context)} is not there`),
  undoData: (context) => redis(context, 'GET', keyOf(context)),
  act: async (context) => void (await redis(context, 'DEL', keyOf(context))),
  undo: async (context, value) => void (await redis(context, 'SET', keyOf(context), value, 'NX')),
  tookPlace: async (context) => ((await isUnchanged(context)) ? 'no' : 'yes')
}
