import type { Outcome } from '@cx/core/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SearchRequest } from '../src/index.ts'
import { openTestStore, type TestStore } from './open-store.ts'

const documents = 1_050
const chunksEach = 20
let opened: TestStore
let connector: string
let other: string

// 21,000 chunks: "the of" in all, "of the" in five, "half" in every second, "rare" in every 300th; even documents are
// for one person, odd ones for another.
beforeAll(async () => {
  opened = await openTestStore()
  const { store, newConnector } = opened
  const { id: connectorId } = await newConnector()
  connector = connectorId
  other = (await newConnector()).id
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  const run = { jobId: job.id, connectorId, attempt: job.attempt }
  let n = 0
  const outcomes = Array.from({ length: documents }, (_, i): Outcome => {
    const chunks = Array.from({ length: chunksEach }, () => {
      const text = `${n % 4_220 === 0 ? 'of ' : ''}the of ${n % 2 === 0 ? 'half' : 'other'} ${n % 300 === 0 ? 'rare' : 'plain'} number${n++}`
      return { text, overlap: 0, headings: [] }
    })
    const acl = { allOf: [[{ type: 'user' as const, id: i % 2 === 0 ? 'even' : 'odd' }]] }
    const entry = { id: `d${i}`, path: `d${i}.txt`, version: '1', acl }
    return {
      kind: 'indexed',
      entry,
      fingerprint: 1,
      bytes: 1,
      contentHash: '',
      document: { mimeType: 'text/plain', chunks },
    }
  })
  for (let from = 0; from < outcomes.length; from += 50)
    await store.commit(run, {
      generation: null,
      pipeline: 'p',
      skipPipeline: 'p',
      outcomes: outcomes.slice(from, from + 50),
    })
})
afterAll(() => opened.close())

function search(query: string, more: Partial<SearchRequest> = {}) {
  return opened.store.search({ query, collections: [opened.collectionId], limit: 10, offset: 0, ...more })
}

test('a word that stands everywhere is dropped beside a rarer one, and totals are exact', async () => {
  const { hits, total, exact } = await search('the rare of')
  expect({ total, exact }).toEqual({ total: 70, exact: true })
  for (const { snippet } of hits) expect(snippet).toContain('<mark>rare</mark>')
})

test('what cannot be counted is marked as more than its total', async () => {
  const { hits, total, exact } = await search('the of')
  expect(hits).toHaveLength(10)
  expect({ total, exact }).toEqual({ total: 6_000, exact: false })
})

test('a person finds only what they may read, however common the words are', async () => {
  const { hits, total, exact } = await search('half', { principal: 'even' })
  expect({ total, exact }).toEqual({ total: 5_250, exact: true })
  for (const { path } of hits) expect(Number(/\d+/.exec(path)?.[0]) % 2).toBe(0)
  expect(await search('half', { principal: 'nobody' })).toMatchObject({ hits: [], total: 0, exact: true })
})

test('a connector is searched alone, and with what else is asked for', async () => {
  const only = (connectors: string[], more = {}) => search('half', { filters: { connectors, ...more } })
  expect(await only([connector])).toMatchObject({ total: 10_500, exact: true })
  expect(await only([other])).toMatchObject({ total: 0, exact: true })
  expect(await only([connector], { pathPrefix: 'd1' })).toMatchObject({ total: 1_610, exact: true })
  expect(await only([connector], { mimeTypes: ['text/html'] })).toMatchObject({ total: 0, exact: true })
})

test('pages of common words do not overlap', async () => {
  const ids = new Set<string>()
  for (const offset of [0, 10, 20]) for (const { chunkId } of (await search('the', { offset })).hits) ids.add(chunkId)
  expect(ids.size).toBe(30)
})

test('a prefix finds all that begins so, as long as that is not half of all words', async () => {
  expect(await search('rar*')).toMatchObject({ total: 70, exact: true })
  expect(await search('hal*')).toMatchObject({ total: 10_500, exact: true })
  expect(await search('number30*')).toMatchObject({ total: 111, exact: true })
})

test('a prefix of very many words is dropped beside a rarer word; alone, some of them are looked for', async () => {
  expect(await search('number* rare')).toMatchObject({ total: 70, exact: true })
  const { hits, total, exact } = await search('numb*')
  expect({ total, exact }).toEqual({ total: 200, exact: false })
  for (const { snippet } of hits) expect(snippet).toContain('<mark>number')
})

test('a phrase of common words is found wherever it stands, and by who may read it', async () => {
  expect(await search('"of the"')).toMatchObject({ total: 5, exact: true })
  const { hits, total, exact } = await search('"of the"', { principal: 'even' })
  expect({ total, exact }).toEqual({ total: 3, exact: true })
  expect(hits.map(({ path }) => path)).toEqual(expect.arrayContaining(['d0.txt', 'd422.txt', 'd844.txt']))
  for (const { snippet, score } of hits) {
    expect(snippet).toContain('<mark>of the</mark>')
    expect(score).toBeGreaterThan(0)
  }
  expect(await search('"of the"', { principal: 'nobody' })).toMatchObject({ total: 0, exact: true })
  expect(await search('"of the" number4220')).toMatchObject({ total: 1, exact: true })
  expect(await search('"of the" -number4220')).toMatchObject({ total: 4, exact: true })
})

test('of a phrase that stands everywhere the newest are shown, page by page', async () => {
  const ids = new Set<string>()
  for (const offset of [0, 10, 95, 105, 1_990]) {
    const { hits, total, exact } = await search('"the of"', { offset })
    expect(hits).toHaveLength(10)
    expect(total).toBeGreaterThanOrEqual(1_000)
    expect(exact).toBe(false)
    for (const { chunkId } of hits) ids.add(chunkId)
  }
  expect(ids.size).toBe(50)
})
