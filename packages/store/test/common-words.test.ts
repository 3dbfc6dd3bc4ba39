import type { Outcome } from '@cx/core/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './open-store.ts'

const documents = 1_050
const chunksEach = 20
let opened: TestStore

// 21,000 chunks: "the" and "of" in all, "half" in every second, "rare" in every 300th, all of even ones for one person.
beforeAll(async () => {
  opened = await openTestStore()
  const { store, newConnector } = opened
  const { id: connectorId } = await newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  const run = { jobId: job.id, connectorId, attempt: job.attempt }
  let n = 0
  const outcomes = Array.from({ length: documents }, (_, i): Outcome => {
    const chunks = Array.from({ length: chunksEach }, () => {
      const text = `the of ${n % 2 === 0 ? 'half' : 'other'} ${n % 300 === 0 ? 'rare' : 'plain'} number${n++}`
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

function search(query: string, more: { readonly offset?: number; readonly principal?: string } = {}) {
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
