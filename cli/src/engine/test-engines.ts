// For tests: engines of a real small model, the GGUF file that TRIAGE_TEST_GGUF names.
import { tempFolder } from '@triage/runtime/testing'
import type { TestContext } from 'vitest'
import { localEngine } from '../commands/discover.ts'
import { Engines } from './engines.ts'
import { type Kind, modelFile, type Spec } from './spec.ts'
import type { Way } from './ways.ts'

export { Engines } from './engines.ts'
export { kinds } from './kinds.ts'
export type { Kind } from './spec.ts'

export const ways: Way[] = (['container', 'program'] as const).flatMap((place) =>
  (['llama', 'ollama'] as const).map((kind) => ({ place, kind }))
)

export const options = { port: null, timeoutMs: 120_000 }

/** An engine that programs are started without: there is none. */
export const dockerFor = (place: Way['place']): string => (place === 'container' ? localEngine() : 'unix:///nowhere/docker.sock')

/** @param model the usual file unless it is another */
export const specOf = async (kind: Kind, model?: string): Promise<Spec> => ({
  name: kind,
  model: model ?? (await modelFile(process.env.TRIAGE_TEST_GGUF!)).path,
  kinds: [kind],
  image: null,
  context_tokens: 1024,
  gpu_layers: 0,
  memory_mb: 2048
})

/** Engines on a folder of their own; whatever they started is taken down. Where one of the kinds cannot be run so, the test is skipped. */
export async function stage({ skip }: Pick<TestContext, 'skip'>, place: Way['place'], ...needed: Kind[]) {
  if (!process.env.TRIAGE_TEST_GGUF) skip('TRIAGE_TEST_GGUF names no model')
  const folder = tempFolder()
  const engines = new Engines(folder.path, dockerFor(place))
  for (const kind of needed) {
    const why = await engines.whyNot({ place, kind })
    if (why === null) continue
    folder[Symbol.dispose]()
    skip(why)
  }
  return {
    engines,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => {
      for (const { spec } of await engines.records.all()) await engines.down(spec.name, { forget: true })
      folder[Symbol.dispose]()
    }
  }
}
