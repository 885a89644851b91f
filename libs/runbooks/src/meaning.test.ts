import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosine } from './meaning.ts'
import { Library, Meaning, parseRunbook } from './runbooks.ts'

const book = (id: string, title: string, text: string) => parseRunbook(`${id}.md`, `---\ntitle: ${title}\n---\n## Repair\n${text}\n`)
const library = new Library([
  book('disk-full', 'The disk is full', 'remove old files'),
  book('certificate', 'The certificate has expired', 'renew it'),
  book('memory', 'Memory runs out', 'raise the limit')
])
const bounds = { most: 3, chars: 400 }
/** What a text is about, in three dimensions: space, trust, memory. */
const about = (text: string): number[] =>
  [/disk|volume|space/i, /certificate|tls|handshake/i, /memory|oom/i].map((words) => (words.test(text) ? 1 : 0))
const embed = async (texts: readonly string[]): Promise<number[][]> => texts.map(about)

test('what is said in other words is found by meaning, and what both know stands first', async () => {
  const query = { text: 'a volume takes no more, memory' }
  expect(library.find(query, bounds).map(({ runbook }) => runbook)).toEqual(['memory'])
  const alike = await new Meaning(library.passages(), embed).rank('volume', 1_000)
  expect(alike[0]).toBe('disk-full#0')
  expect(library.find(query, bounds, ['disk-full#0', 'memory#0']).map(({ runbook }) => runbook)).toEqual(['memory', 'disk-full'])
  expect(library.find({ text: 'volume' }, bounds, alike)[0]!.runbook).toBe('disk-full')
})

test('without a ranking by meaning everything is as by words alone', () => {
  fc.assert(
    fc.property(fc.constantFrom('disk', 'certificate memory', 'renew files', ''), (text) => {
      expect(library.find({ text }, bounds, [])).toEqual(library.find({ text }, bounds))
    })
  )
})

test('passages are embedded once, together; what failed is tried again', async () => {
  const asked: number[] = []
  let fails = true
  const meaning = new Meaning(library.passages(), async (texts) => {
    asked.push(texts.length)
    if (fails) throw new Error('busy')
    return embed(texts)
  })
  await expect(meaning.rank('disk', 1_000)).rejects.toThrow('busy')
  fails = false
  await meaning.rank('disk', 1_000)
  await meaning.rank('disk', 1_000)
  expect(asked).toEqual([3, 3, 1, 1])
})

test('who is late is not waited for, and is ready for the next', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const meaning = new Meaning(library.passages(), async (texts) => {
    await promise
    return embed(texts)
  })
  await expect(meaning.rank('disk', 10)).rejects.toThrow('within 10 ms')
  resolve()
  expect((await meaning.rank('disk', 1_000))[0]).toBe('disk-full#0')
})

test('the cosine is between -1 and 1, and says whether vectors point the same way', () => {
  expect(cosine([1, 2], [2, 4])).toBeCloseTo(1)
  expect(cosine([1, 0], [0, 5])).toBe(0)
  expect(cosine([0, 0], [1, 1])).toBe(0)
  const vector = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      expect(Math.abs(cosine(a, b))).toBeLessThanOrEqual(1 + 1e-6)
    })
  )
})
