import { expect, test } from 'vitest'
import { together } from './together.ts'

test('several are as busy as all of them, raise the alarms of each, and have stopped when the last has', async () => {
  const last = Promise.withResolvers<void>()
  const stopped: string[] = []
  const all = together(
    { inFlight: () => 2, stop: async () => void stopped.push('first') },
    { inFlight: () => 3, alarms: () => ['E_AUDIT_WITNESS'], stop: () => last.promise.then(() => void stopped.push('last')) },
    { alarms: () => ['E_AUDIT_ROLLBACK'], stop: async () => void stopped.push('second') }
  )
  expect([all.inFlight!(), all.alarms!()]).toEqual([5, ['E_AUDIT_WITNESS', 'E_AUDIT_ROLLBACK']])
  const stopping = all.stop()
  expect(stopped).toEqual(['first', 'second'])
  last.resolve()
  await stopping
  expect(stopped).toEqual(['first', 'second', 'last'])
})
