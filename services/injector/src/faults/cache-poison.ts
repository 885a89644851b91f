import { TriageError } from '@triage/contracts'
import type { Fault, FaultContext } from './fault.ts'

const redis = async ({ runtime, target }: Pick<FaultContext, 'runtime' | 'target'>, ...command: string[]): Promise<string> => {
  const { exit_code, stdout, stderr } = await runtime.exec(target, ['redis-cli', ...command])
  if (exit_code !== 0) throw new TriageError('E_FAULT_FAILED', `redis ${command[0]}: ${stderr || stdout}`)
  return stdout.trim()
}

/** What a writer leaves behind that died halfway, or that forgot to serialise. */
const malformed = ['{"id":1,"name":"Kett', '[object Object]', 'undefined']

export const cachePoison: Fault = {
  description: 'a malformed object lies in the cache under the key of the product that most people ask for',
  runtimes: ['process', 'docker'],
  targets: ['redis'],
  prepare: async ({ pick }) => ({ key: 'catalog:product:1', value: malformed[pick(malformed.length)]! }),
  apply: async (context, { key, value }) => void (await redis(context, 'SET', key!, value!)),
  undo: async (context, { key, value }) => {
    if ((await redis(context, 'GET', key!)) === value) await redis(context, 'DEL', key!)
  }
}
