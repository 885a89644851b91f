import { TriageError } from '@triage/contracts'
import { expect, test } from 'vitest'
import { fixture } from './fixture.ts'
import { natsServer } from './program.ts'
import { type Source, search } from './search.ts'

const source = (name: string, find: Source['find'], limit_ms = 5000): Source => ({ name, limit_ms, find })
const at = (name: string, path: string) => source(name, async () => path)
const failing = (name: string, reason: string) => source(name, () => Promise.reject(new Error(reason)))
const hanging = (name: string) => source(name, () => new Promise<never>(() => {}), 50)
const unreached = source('unreached', () => Promise.reject(new Error('must not be tried')))

const options = (lines: string[] = []) => ({ env: process.env, log: (line: string) => void lines.push(line) })

test('the first that is new enough wins, past failures, hanging hosts and older ones', async () => {
  await using files = await fixture()
  const sources = [
    failing('first', 'not there'),
    hanging('second'),
    at('third', await files.nats('2.9.10', 'old')),
    at('fourth', await files.nats('2.11.0', 'new')),
    unreached
  ]
  const found = await search(natsServer, sources, options())
  expect(found).toEqual({ path: `${files.folder}/new`, version: '2.11.0', source: 'fourth' })
})

test('the newest of the older ones is the last resort, once all have been tried', async () => {
  await using files = await fixture()
  const sources = [at('first', await files.nats('2.9.10', 'a')), at('second', await files.nats('2.10.3', 'b')), failing('third', 'no')]
  expect(await search(natsServer, sources, options())).toMatchObject({ version: '2.10.3', source: 'second' })
})

test('nothing found: the error names each source and why not, in order, one a line', async () => {
  await using files = await fixture()
  const sources = [
    failing('first', 'not there'),
    hanging('second'),
    at('third', await files.nats('2.8.4')),
    at('fourth', await files.script('other', 'echo something else')),
    at('fifth', await files.script('broken', 'echo cannot execute >&2; exit 1'))
  ]
  const error = await search(natsServer, sources, options()).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(TriageError)
  expect((error as TriageError).code).toBe('E_NO_NATS_SERVER')
  expect((error as TriageError).message.split('\n')).toEqual([
    'No nats-server was found:',
    '  first: not there',
    '  second: gave up after 0.05 s',
    `  third: ${files.folder}/nats-server is 2.8.4, older than 2.11.0`,
    `  fourth: ${files.folder}/other is no nats-server: --version says "something else"`,
    '  fifth: broken: cannot execute'
  ])
})

test('progress is told for what may take long, and for nothing else', async () => {
  await using files = await fixture()
  const lines: string[] = []
  const far = { ...failing('far', 'host not found'), announce: 'downloading it from far away' }
  await search(natsServer, [failing('near', 'no'), far, at('here', await files.nats('2.12.0'))], options(lines))
  expect(lines).toEqual(['nats-server: downloading it from far away', 'nats-server: far: host not found'])
})

test('a source that obeys the limit has time to clean up', async () => {
  let cleaned = false
  const tidy = source(
    'tidy',
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () =>
          setImmediate(() => {
            cleaned = true
            reject(signal.reason)
          })
        )
      }),
    50
  )
  await expect(search(natsServer, [tidy], options())).rejects.toThrow('tidy: gave up after 0.05 s')
  expect(cleaned).toBe(true)
})

test('the signal ends the search with its reason; no further source is tried', async () => {
  const controller = new AbortController()
  const reason = new Error('stopped by the user')
  const stopping = source('stopping', (signal) => {
    controller.abort(reason)
    return Promise.reject(signal.reason)
  })
  await expect(search(natsServer, [stopping, unreached], { ...options(), signal: controller.signal })).rejects.toBe(reason)
})
