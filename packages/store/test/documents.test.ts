import type { Entry } from '@cx/core'
import type { ChildDocument, Chunk, RunKey } from '@cx/core/engine'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SearchHit, SearchRequest, Store } from '../src/index.ts'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
let store: Store
let run: RunKey
beforeAll(async () => {
  opened = await openTestStore()
  store = opened.store
})
afterAll(() => opened.close())

beforeEach(async () => {
  const { id: connectorId } = await opened.newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  run = { jobId: job.id, connectorId, attempt: job.attempt }
})

function chunk(text: string, more: Partial<Chunk> = {}): Chunk {
  return { text, overlap: 0, headings: [], ...more }
}

async function index(
  entry: Partial<Entry> & { readonly id: string },
  chunks: readonly (Chunk | string)[],
  more: { readonly title?: string; readonly children?: readonly ChildDocument[] } = {},
): Promise<string> {
  const whole: Entry = { path: `${entry.id}.txt`, version: '1', ...entry }
  const document = {
    mimeType: 'text/plain',
    chunks: chunks.map((one) => (typeof one === 'string' ? chunk(one) : one)),
    ...more,
  }
  const outcome = { kind: 'indexed', entry: whole, fingerprint: 1, bytes: 1, contentHash: '00', document } as const
  await store.commit(run, { generation: null, pipeline: 'p', skipPipeline: 'p', outcomes: [outcome] })
  return (await store.documentByPath(run.connectorId, whole.path))!.id
}

async function search(query: string, more: Partial<SearchRequest> = {}): Promise<readonly SearchHit[]> {
  const filters = { connectors: [run.connectorId], ...more.filters }
  const request = { query, collections: [opened.collectionId], limit: 20, offset: 0, ...more, filters }
  return (await store.search(request)).hits
}

/** FTS5 compares its index with what it indexes; a row forgotten with the wrong text shows here. */
function checkIndex(): void {
  const db = new Database(opened.file)
  db.exec(`INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('integrity-check', 1)`)
  db.close()
}

describe('chunks', () => {
  test('an edited document keeps the ids of the chunks that stayed', async () => {
    const id = await index({ id: 'a' }, ['one apple', 'two pears', 'two pears', 'three plums'])
    const before = (await store.chunks(id, { limit: 10 })).rows
    await index({ id: 'a', version: '2' }, ['zero figs', 'one apple', 'two pears', 'four limes'])
    const after = (await store.chunks(id, { limit: 10 })).rows
    expect(after.map((one) => one.text)).toEqual(['zero figs', 'one apple', 'two pears', 'four limes'])
    expect(after[1]?.id).toBe(before[0]?.id)
    expect(after[2]?.id).toBe(before[1]?.id)
    expect(before.map((one) => one.id)).not.toContain(after[0]?.id)
    expect(new Set(after.map((one) => one.id)).size).toBe(4)
    expect(await search('plums')).toEqual([])
    expect(await search('limes')).toHaveLength(1)
    checkIndex()
  })

  test('the content is put together again from chunks that overlap', async () => {
    const chunks = Array.from({ length: 200 }, (_, i) =>
      chunk(`${i === 0 ? '' : 'xx'}piece ${i} 😀\n`, { overlap: i === 0 ? 0 : 2 }),
    )
    const id = await index({ id: 'a' }, chunks)
    const content = (await Array.fromAsync(store.content(id))).join('')
    expect(content).toBe(Array.from({ length: 200 }, (_, i) => `piece ${i} 😀\n`).join(''))
  })

  test('another title or path changes what is found and shown, without a read', async () => {
    await index({ id: 'a', title: 'Quarterly figures' }, ['some text'])
    await store.commit(run, {
      generation: null,
      pipeline: 'p',
      skipPipeline: 'p',
      outcomes: [
        {
          kind: 'metadata',
          entry: { id: 'a', path: 'moved/b.txt', version: '1', title: 'Yearly report' },
          fingerprint: 2,
        },
      ],
    })
    expect(await search('quarterly')).toEqual([])
    expect(await search('yearly')).toMatchObject([{ title: 'Yearly report', path: 'moved/b.txt' }])
    checkIndex()
  })

  test('a document with a title is found by the name of its file, too', async () => {
    await index({ id: 'a', path: 'folder/ch06-03_if-let.md', title: 'Concise Control Flow' }, ['some text'])
    for (const query of ['ch06-03_if-let.md', 'ch06', '"if let" concise'])
      expect(await search(query), query).toMatchObject([{ title: 'Concise Control Flow' }])
  })

  test('an index made by an earlier version is forgotten as it was made', async () => {
    await index({ id: 'a', path: 'name.md', title: 'First' }, ['some text'])
    const db = new Database(opened.file)
    db.exec(`UPDATE documents SET search_title = 'First' WHERE path = 'name.md'`)
    db.exec(`INSERT INTO chunks_fts (chunks_fts) VALUES ('rebuild')`)
    db.close()
    expect(await search('name')).toEqual([])
    await index({ id: 'a', path: 'name.md', title: 'First', version: '2' }, ['some text'])
    expect(await search('name')).toHaveLength(1)
    checkIndex()
  })

  test('a chunk that an earlier version read otherwise is indexed anew, and it alone', async () => {
    const id = await index({ id: 'a' }, ['about C++', 'about others'])
    const before = (await store.chunks(id, { limit: 10 })).rows
    const db = new Database(opened.file)
    db.exec(`UPDATE chunks SET shadow = NULL WHERE text = 'about C++'`)
    db.exec(`INSERT INTO chunks_fts (chunks_fts) VALUES ('rebuild')`)
    db.close()
    expect(await search('C++')).toEqual([])
    await index({ id: 'a', version: '2' }, ['about C++', 'about others'])
    expect(await search('C++')).toHaveLength(1)
    expect((await store.chunks(id, { limit: 10 })).rows[1]?.id).toBe(before[1]?.id)
    checkIndex()
  })

  test('the same document twice in one batch is what came last', async () => {
    const outcome = (text: string, title: string) =>
      ({
        kind: 'indexed',
        entry: { id: 'a', path: 'a.txt', version: text, title },
        fingerprint: 1,
        bytes: 1,
        contentHash: '',
        document: { mimeType: 'text/plain', chunks: [chunk(text)] },
      }) as const
    const outcomes = [outcome('early', 'First'), outcome('late', 'Second')]
    await store.commit(run, { generation: null, pipeline: 'p', skipPipeline: 'p', outcomes })
    expect(await search('early')).toEqual([])
    expect(await search('late second')).toHaveLength(1)
    checkIndex()
  })

  test('members of a container come, stay and go with it', async () => {
    const member = (path: string, text: string): ChildDocument => ({
      path,
      size: text.length,
      outcome: { ok: true, document: { mimeType: 'text/plain', chunks: [chunk(text)] } },
    })
    const broken: ChildDocument = { path: 'c', size: 1, outcome: { ok: false, code: 'corrupt', message: 'Broken.' } }
    const acl = { allOf: [[{ type: 'anyone' } as const]] }
    const id = await index({ id: 'z', path: 'z.zip', acl }, [], {
      children: [member('a', 'alpha'), member('b', 'beta'), broken],
    })
    const list = async () =>
      (await store.documents({ connectorId: run.connectorId, children: true }, { limit: 10 })).rows
    const before = await list()
    expect(before.map((one) => [one.entry.path, one.status, one.parentId])).toEqual([
      ['z.zip', 'indexed', null],
      ['z.zip/a', 'indexed', id],
      ['z.zip/b', 'indexed', id],
      ['z.zip/c', 'failed', id],
    ])
    expect(await search('alpha', { principal: 'anybody@x.org' })).toMatchObject([{ path: 'z.zip/a' }])
    expect((await store.documents({ connectorId: run.connectorId }, { limit: 10 })).total).toBe(1)
    await index({ id: 'z', path: 'z.zip', version: '2', acl }, [], {
      children: [member('b', 'beta'), member('d', 'delta')],
    })
    expect((await list()).map((one) => one.entry.path)).toEqual(['z.zip', 'z.zip/b', 'z.zip/d'])
    expect((await list())[1]?.id).toBe(before[2]?.id)
    expect(await search('alpha')).toEqual([])
    await store.commit(run, {
      generation: null,
      pipeline: 'p',
      skipPipeline: 'p',
      outcomes: [{ kind: 'removed', id: 'z' }],
    })
    expect(await list()).toEqual([])
    expect(await search('beta')).toEqual([])
    checkIndex()
  })
})

describe('search', () => {
  test('whatever a person types is a query', async () => {
    await index({ id: 'a' }, ['The quick brown fox-trot of C++ "quoted" AND other words'])
    const odd = [
      '"',
      '""',
      "'",
      '(',
      ')',
      '*',
      '-',
      '--',
      'a"b',
      'AND',
      'NOT fox',
      'NEAR(a b)',
      'title:fox',
      '^fox',
      '{x}',
    ]
    for (const query of [...odd, 'fox*trot', 'col:*', '\0', '-fox', '+', '\\', '日', '😀', 'x'.repeat(5_000), ''])
      await expect(search(query)).resolves.toBeInstanceOf(Array)
    for (const found of [
      'quick',
      'QUICK',
      '"brown fox"',
      '"brown fox',
      'bro*',
      'fox-trot',
      'quick -absent',
      'title:fox quick',
    ])
      expect(await search(found), found).toHaveLength(1)
    for (const absent of ['"fox brown"', 'quick -fox', 'qui', 'zebra', '...'])
      expect(await search(absent), absent).toEqual([])
  })

  test('diacritics fold, words are stemmed, and Chinese, Japanese and Thai are found by any part', async () => {
    await index({ id: 'a' }, ['Les élèves préfèrent running shoes'])
    await index({ id: 'b', title: '年度報告' }, ['東京都の天気は晴れです。Sunny <b>day</b>'])
    await index({ id: 'c' }, ['สวัสดีชาวโลก'])
    expect(await search('eleves run shoe')).toHaveLength(1)
    expect((await search('天気'))[0]?.snippet).toBe('東京都の<mark>天気</mark>は晴れです。Sunny &lt;b&gt;day&lt;/b&gt;')
    expect(await search('京天')).toEqual([])
    expect(await search('報告')).toMatchObject([{ title: '年度報告' }])
    expect(await search('ชาวโลก')).toHaveLength(1)
  })

  test('emoji and the names of languages are found', async () => {
    await index({ id: 'one' }, ['Ship it 🚀 👩‍💻 today'])
    await index({ id: 'two' }, ['Written in C++, not in C'])
    await index({ id: 'three' }, ['Written in C#'])
    expect((await search('🚀'))[0]?.snippet).toBe('Ship it <mark>🚀</mark> 👩‍💻 today')
    expect((await search('👩‍💻'))[0]?.snippet).toBe('Ship it 🚀 <mark>👩‍💻</mark> today')
    expect(await search('😀')).toEqual([])
    expect(await search('c++')).toMatchObject([{ path: 'two.txt', snippet: 'Written in <mark>C++</mark>, not in C' }])
    expect((await search('C#')).map(({ path }) => path)).toEqual(['three.txt'])
    expect((await search('C')).map(({ path }) => path)).toEqual(['two.txt'])
    checkIndex()
  })

  test('each hit shows its own text', async () => {
    for (const id of ['a', 'b', 'c'])
      await index({ id }, [`The otter of ${id}${id} swims.`, `Another otter, ${id}${id} too.`])
    const hits = await search('otter')
    expect(hits).toHaveLength(6)
    for (const { path, snippet } of hits) expect(snippet).toContain(path.charAt(0).repeat(2))
    expect(new Set(hits.map(({ snippet }) => snippet)).size).toBe(6)
  })

  test('all words, or any where no chunk has all; the title counts more than the text', async () => {
    await index({ id: 'a' }, ['budget and travel'])
    await index({ id: 'b', title: 'Budget' }, ['plain'])
    await index({ id: 'c' }, ['budget here and there'])
    expect((await search('budget travel')).map((hit) => hit.path)).toEqual(['a.txt'])
    expect((await search('travel nonsense')).map((hit) => hit.path)).toEqual(['a.txt'])
    expect((await search('budget'))[0]?.path).toBe('b.txt')
  })

  test('a long document does not fill a page', async () => {
    await index(
      { id: 'long' },
      Array.from({ length: 30 }, (_, i) => `marten ${i} marten marten`),
    )
    for (const id of ['b', 'c', 'd']) await index({ id }, [`a marten, marten ${id}`])
    const request = { query: 'marten', collections: [opened.collectionId], filters: { connectors: [run.connectorId] } }
    const first = await store.search({ ...request, limit: 10, offset: 0 })
    expect(first.total).toBe(33)
    expect(new Set(first.hits.map(({ path }) => path)).size).toBe(4)
    expect(first.hits[0]?.path).toBe('long.txt')
    expect(first.hits.map(({ score }) => score)).toEqual(first.hits.map(({ score }) => score).sort((a, b) => b - a))
    const rest = await store.search({ ...request, limit: 30, offset: 10 })
    expect(new Set([...first.hits, ...rest.hits].map(({ chunkId }) => chunkId)).size).toBe(33)
  })

  test('filters, paging and totals', async () => {
    for (let i = 0; i < 12; i++)
      await index({ id: `f${i}`, path: `${i % 2 ? 'odd' : 'even'}/${i}`, updatedAt: `2026-01-${10 + i}T00:00:00Z` }, [
        'needle',
      ])
    expect(await search('needle', { filters: { pathPrefix: 'odd/' } })).toHaveLength(6)
    expect(await search('needle', { filters: { updatedAfter: Date.parse('2026-01-20T00:00:00Z') } })).toHaveLength(2)
    expect(await search('needle', { filters: { updatedBefore: Date.parse('2026-01-11T00:00:00Z') } })).toHaveLength(1)
    expect(await search('needle', { filters: { mimeTypes: ['text/html'] } })).toEqual([])
    expect(await search('needle', { filters: { types: ['s3'] } })).toEqual([])
    expect(await search('needle', { collections: ['col_other'] })).toEqual([])
    const request = { query: 'needle', collections: [opened.collectionId], filters: { connectors: [run.connectorId] } }
    const pages = await Promise.all([0, 5, 10].map((offset) => store.search({ ...request, limit: 5, offset })))
    expect(pages.map((page) => [page.hits.length, page.total])).toEqual([
      [5, 12],
      [5, 12],
      [2, 12],
    ])
    expect(new Set(pages.flatMap((page) => page.hits.map((hit) => hit.documentId))).size).toBe(12)
  })

  test('deleted things are never found', async () => {
    const id = await index({ id: 'a' }, ['vanishing'])
    expect(await store.deleteDocument(id)).toBe(true)
    expect(await store.deleteDocument(id)).toBe(false)
    expect(await search('vanishing')).toEqual([])
    expect(await store.document(id)).toMatchObject({ status: 'deleted', chunks: 0, deletedAt: expect.any(Number) })
    await index({ id: 'b' }, ['vanishing'])
    await store.deleteConnector(run.connectorId)
    expect(await search('vanishing')).toEqual([])
    checkIndex()
  })
})

test('a tombstone of a person is respected, unless the check is bypassed or the path is named', async () => {
  await store.deleteDocument(await index({ id: 'a' }, ['text']))
  const batch = { ids: ['a'], paths: ['a.txt'], versions: ['2'], fingerprints: [1], pipeline: 'p', skipPipeline: 'p' }
  await store.finish(run, { status: 'completed' })
  const verdict = async (params: object, bypass: boolean): Promise<number | undefined> => {
    await store.enqueue({ connectorId: run.connectorId, kind: 'sync', params })
    const job = (await store.claim('test', 60_000))!
    const key = { ...run, jobId: job.id, attempt: job.attempt }
    const [found] = await store.diff(key, { ...batch, generation: await store.beginListing(key), bypass })
    await store.finish(key, { status: 'completed' })
    return found
  }
  expect(await verdict({}, false)).toBe(4)
  expect(await verdict({ paths: ['other.txt'] }, false)).toBe(4)
  expect(await verdict({ paths: ['a.txt'] }, false)).toBe(1)
  expect(await verdict({ mode: 'full' }, true)).toBe(1)
})

test('old tombstones and deleted connectors are removed for good, step by step', async () => {
  const ids = await Promise.all(
    ['a', 'b', 'c'].map((id) => index({ id, acl: { allOf: [[{ type: 'anyone' }]] } }, [id])),
  )
  await store.deleteDocument(ids[0]!)
  expect(await store.purgeTombstones(60_000)).toBe(0)
  expect(await store.purgeTombstones(-1)).toBeGreaterThanOrEqual(1)
  expect(await store.document(ids[0]!)).toBeUndefined()
  expect(await store.deleteConnector(run.connectorId)).toBe(true)
  expect(await store.job(run.jobId)).toMatchObject({ status: 'cancelled' })
  expect(await store.unpurged()).toContain(run.connectorId)
  let steps = 1
  while (!(await store.purgeConnector(run.connectorId, 1))) steps++
  expect(steps).toBeGreaterThan(2)
  expect(await store.unpurged()).not.toContain(run.connectorId)
  checkIndex()
})
