import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore

beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

/** What queries are made of that mean something to SQLite, to FTS5 or to nobody. */
const pieces = [
  ...[
    '"',
    "'",
    '*',
    '-',
    '+',
    '^',
    ':',
    '(',
    ')',
    '{',
    '}',
    ',',
    ';',
    '\\',
    '%',
    '_',
    '\0',
    '\n',
    '\u200b',
    '\ufdd0',
    '\ufdd1',
  ],
  ...['AND', 'OR', 'NOT', 'NEAR', 'NEAR(', 'title:', 'rowid', 'rank', 'bm25(', '--', '/*', '?1', ':a'],
  ...[
    'alpha',
    'élève',
    'ﬁn',
    'İ',
    'ß',
    'ก็',
    '日本',
    '東京都',
    '한국어',
    'мир',
    'שלום',
    '😀',
    '👩‍👩‍👧',
    '\ud83d',
    'e\u0301',
    ' ',
  ],
]
const typed = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)

function search(query: string) {
  return opened.store.search({ query, collections: [opened.collectionId], limit: 10, offset: 0 })
}

async function index(id: string, text: string): Promise<void> {
  const { store, newConnector } = opened
  const { id: connectorId } = await newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const { id: jobId, attempt } = (await store.claim('test', 60_000))!
  const run = { jobId, connectorId, attempt }
  const entry = { id, path: `${id}.txt`, version: '1', title: '-' }
  const document = { mimeType: 'text/plain', chunks: [{ text, overlap: 0, headings: [] }] }
  await store.commit(run, {
    generation: null,
    pipeline: 'p',
    skipPipeline: 'p',
    outcomes: [{ kind: 'indexed', entry, fingerprint: 1, bytes: 1, contentHash: '', document }],
  })
  await store.finish(run, { status: 'completed' })
}

test('nothing that can be typed is an error, and nothing comes back unescaped', async () => {
  await index('pieces', `${pieces.join(' ')} <b>alpha</b> & "quotes"`)
  await fc.assert(
    fc.asyncProperty(typed, async (query) => {
      const { hits, total } = await search(query)
      expect(total).toBe(hits.length)
      for (const { snippet } of hits) {
        expect(snippet.replaceAll(/<\/?mark>/g, '')).not.toMatch(/[<>"]/)
        expect(snippet).not.toMatch(/[\ufdd0\ufdd1]/)
      }
    }),
    { numRuns: 300 },
  )
})

test('ten thousand characters, and thousands of words, are a query', async () => {
  for (const query of [
    'x'.repeat(10_000),
    'word '.repeat(2_000),
    '"'.repeat(10_000),
    '日'.repeat(10_000),
    'a* '.repeat(3_000),
  ])
    await expect(search(query)).resolves.toMatchObject({ exact: true })
})

const letters = fc.constantFrom(
  ...'abcdefghijklmnopqrstuvwxyzäöüéèçñøåßабвгдежзмногдαβγδאבגדابتث日本東京都語天気ไทยไก่한국어',
)
const word = fc.string({ unit: letters, minLength: 2, maxLength: 12 })

test('a text is found by each of its words, by two of them, and by a phrase of it', async () => {
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 2, maxLength: 8 }), fc.nat(), async (words, at) => {
      const id = `t${n++}`
      await index(id, words.join(' '))
      const first = at % (words.length - 1)
      const [one, other] = [words[first]!, words[first + 1]!]
      // SQLite folds letter by letter: ß stays ß, where capitals would be SS.
      const capitals = one.replaceAll('ß', 'ẞ').toUpperCase()
      for (const query of [one, `${other} ${one}`, `"${one} ${other}"`, capitals, `  ${one},  `]) {
        const { hits, total } = await search(query)
        // Others may be found too, and more than are shown.
        expect(total > 10 || hits.some(({ path }) => path === `${id}.txt`), query).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})
