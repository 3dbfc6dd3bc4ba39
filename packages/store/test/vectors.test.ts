import type { Outcome, RunKey } from '@cx/core/engine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Embedding, openSqliteStore, type SearchRequest } from '../src/index.ts'
import { openTestStore, type TestStore } from './open-store.ts'

const embedding: Embedding = { baseUrl: 'http://127.0.0.1:1', model: 'letters', dimensions: 26 }
let opened: TestStore
let connectorId: string
let run: RunKey

beforeEach(async () => {
  opened = await openTestStore()
  await opened.store.updateCollection(opened.collectionId, { embedding })
  connectorId = (await opened.newConnector()).id
  await opened.store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await opened.store.claim('test', 60_000))!
  run = { jobId: job.id, connectorId, attempt: job.attempt }
})
afterEach(() => opened.close())

/** How often each letter occurs. */
function letters(text: string): Float32Array {
  const vector = new Float32Array(26)
  for (const letter of text.toLowerCase()) {
    const n = letter.charCodeAt(0) - 97
    if (n >= 0 && n < 26) vector[n]! += 1
  }
  return vector
}

async function index(id: string, texts: readonly string[], reader = 'ann'): Promise<void> {
  const outcome: Outcome = {
    kind: 'indexed',
    entry: { id, path: id, version: texts.join(), acl: { allOf: [[{ type: 'user', id: reader }]] } },
    fingerprint: 1,
    bytes: 1,
    contentHash: '',
    document: { mimeType: 'text/plain', chunks: texts.map((text) => ({ text, overlap: 0, headings: [] })) },
  }
  await opened.store.commit(run, { generation: null, outcomes: [outcome], pipeline: 'p', skipPipeline: 'p' })
}

async function embedAll(by = embedding): Promise<readonly string[]> {
  const tasks = await opened.store.embeddingTasks(opened.collectionId, 100)
  const vectors = tasks.map(({ ticket, text }) => ({ ticket, vector: letters(text) }))
  await opened.store.saveVectors(opened.collectionId, by, vectors)
  return tasks.map(({ text }) => text)
}

async function found(query: string, more: Partial<SearchRequest> = {}): Promise<readonly string[]> {
  const collections = [opened.collectionId]
  const vectors = [{ collections, vector: letters(query) }]
  const request = { query, mode: 'semantic' as const, vectors, collections, limit: 10, offset: 0, ...more }
  return (await opened.store.search(request)).hits.map(({ path }) => path)
}

test('only chunks that changed are embedded again', async () => {
  await index('a', ['apple pie', 'banana split'])
  expect(await embedAll()).toEqual(['apple pie', 'banana split'])
  await index('a', ['apple pie', 'cherry cake'])
  expect(await opened.store.embeddingTasks(opened.collectionId, 10)).toMatchObject([{ text: 'cherry cake' }])
  expect(await found('banana split')).toEqual(['a'])
  expect(await embedAll()).toEqual(['cherry cake'])
  expect(await opened.store.collection(opened.collectionId)).toMatchObject({ chunks: 2, embedded: 2 })
  expect((await opened.store.job(run.jobId))?.progress.embedded).toBe(3)
})

test('a vector that comes late does not meet a newer text', async () => {
  await index('a', ['apple pie'])
  const [task] = await opened.store.embeddingTasks(opened.collectionId, 1)
  await index('a', ['cherry cake'])
  const saved = [{ ticket: task!.ticket, vector: letters('apple pie') }]
  expect(await opened.store.saveVectors(opened.collectionId, embedding, saved)).toBe(0)
  expect(await found('apple pie')).toEqual([])
})

test('another model drops the vectors and queues everything', async () => {
  await index('a', ['apple pie'])
  await embedAll()
  const other = { ...embedding, model: 'other' }
  await opened.store.updateCollection(opened.collectionId, { embedding: other })
  expect(await found('apple pie')).toEqual([])
  const tasks = await opened.store.embeddingTasks(opened.collectionId, 10)
  const late = tasks.map(({ ticket, text }) => ({ ticket, vector: letters(text) }))
  expect(await opened.store.saveVectors(opened.collectionId, embedding, late)).toBe(0)
  expect(await opened.store.embeddingStates()).toMatchObject([{ embedding: other, pending: 1, refused: 0 }])
  await embedAll(other)
  expect(await found('apple pie')).toEqual(['a'])
  await opened.store.updateCollection(opened.collectionId, { embedding: { ...other, baseUrl: 'http://127.0.0.1:2' } })
  expect(await opened.store.embeddingStates()).toMatchObject([{ pending: 0 }])
  await opened.store.updateCollection(opened.collectionId, { embedding: null })
  expect(await opened.store.embeddingStates()).toEqual([])
  expect(await found('apple pie')).toEqual([])
})

test('the nearest come first, and permissions are part of the query', async () => {
  await index('near', ['zebra'], 'ann')
  await index('far', ['hippo'], 'ann')
  await index('secret', ['zebras'], 'bob')
  await embedAll()
  expect(await found('zebra')).toEqual(['near', 'secret', 'far'])
  expect(await found('zebra', { principal: 'ann' })).toEqual(['near', 'far'])
  expect(await found('zebra', { principal: 'ann', limit: 1, offset: 1 })).toEqual(['far'])
  expect(await found('zebra', { principal: 'nobody' })).toEqual([])
  expect(await found('zebra', { filters: { pathPrefix: 'f' } })).toEqual(['far'])
  await opened.store.deleteDocument((await opened.store.documentByPath(connectorId, 'near'))!.id)
  expect(await found('zebra', { principal: 'ann' })).toEqual(['far'])
})

test('hybrid finds what either finds, and what both find first', async () => {
  await index('both', ['tar zebra'])
  await index('vector', ['rat'])
  await index('word', ['tar quickly jumping fox over lazy dogs'])
  await index('neither', ['mmm'])
  await embedAll()
  const paths = await found('tar', { mode: 'hybrid' })
  expect(paths[0]).toBe('both')
  expect(new Set(paths)).toEqual(new Set(['both', 'vector', 'word', 'neither']))
  expect(await found('tar', { mode: 'keyword' })).toEqual(expect.arrayContaining(['both', 'word']))
})

test('what is refused waits for a change, and the queue survives a restart', async () => {
  await index('a', ['apple pie', 'banana split'])
  const [first] = await opened.store.embeddingTasks(opened.collectionId, 1)
  await opened.store.refuseVectors([first!.ticket], 'too long')
  await opened.store.close()
  const store = await openSqliteStore({ file: opened.file })
  try {
    expect(await store.embeddingTasks(opened.collectionId, 10)).toMatchObject([{ text: 'banana split' }])
    expect(await store.embeddingStates()).toMatchObject([{ pending: 2, refused: 1 }])
    await store.updateCollection(opened.collectionId, { embedding })
    expect(await store.embeddingTasks(opened.collectionId, 10)).toHaveLength(2)
  } finally {
    await store.close()
  }
})
