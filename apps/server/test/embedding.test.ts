import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dimensions, type EmbeddingServer, key, startEmbeddingServer } from './embedding-server.ts'
import { type Answer, type Running, start } from './harness.ts'

// One collection with embeddings and one without. The tests build on each other, in order.

let cx: Running
let endpoint: EmbeddingServer
let collection: string
let connector: string

const env = { CX_EMBEDDING_API_KEY: key, CX_EMBEDDING_REQUESTS_PER_MINUTE: '100000' }
const search = (query: string, mode: string, more = {}): Promise<Answer> =>
  cx.call('POST', '/search', { query, mode, collections: [collection], ...more })
const paths = ({ data }: Answer) => data.results.map(({ path }) => path)
const counts = async () => (await cx.call('GET', `/collections/${collection}`)).data as unknown as Counted
interface Counted {
  readonly counts: { readonly chunks: number; readonly embedded: number }
  readonly embeddingError?: { readonly code: string; readonly message: string }
}
const embedded = (pending = 0) =>
  vi.waitFor(
    async () => {
      const { counts: now } = await counts()
      expect(now.chunks).toBeGreaterThan(0)
      expect(now.chunks - now.embedded).toBe(pending)
    },
    { timeout: 20_000, interval: 50 },
  )

beforeAll(async () => {
  endpoint = await startEmbeddingServer()
  cx = await start(env)
  await cx.host.ready
  for (let n = 0; n < 9; n++) await cx.write(`plain/${n}.txt`, `Filler number ${n} about trains.`)
  await cx.write('cats.txt', 'My cat sleeps.')
  await cx.write('poison.txt', 'This is poison.')
  await cx.write('long.txt', `cat ${'walrus '.repeat(280)}`)
})
afterAll(async () => {
  await cx?.close()
  await endpoint?.close()
})

test('without embeddings nothing asks for them, and other modes say what is missing', async () => {
  const made = await cx.call('POST', '/collections', { name: 'zoo' })
  collection = made.data.id
  const refused = await search('feline', 'semantic')
  expect(refused).toMatchObject({ status: 422, error: { code: 'unsupported_operation' } })
  expect(refused.error.message).toContain('Set `embedding`')
})

test('only an administrator says where texts are sent', async () => {
  const editor = await cx.call('POST', '/api-keys', { name: 'editor', role: 'editor' })
  const embedding = { baseUrl: endpoint.url, model: 'one', dimensions }
  const path = `/collections/${collection}`
  expect(await cx.call('PUT', path, { embedding }, { key: editor.data.key })).toMatchObject({ status: 403 })
  expect(await cx.call('PUT', path, { embedding: { ...embedding, baseUrl: 'ftp://x' } })).toMatchObject({ status: 400 })
  expect(await cx.call('PUT', path, { embedding })).toMatchObject({ status: 200, data: { embedding } })
})

test('a sync is followed by vectors for all that the endpoint takes, through 429 and batch limits', async () => {
  endpoint.busy = 2
  const config = { root: cx.folder }
  connector = (await cx.call('POST', '/connectors', { name: 'Cats', type: 'filesystem', collection, config })).data.id
  const job = await cx.sync(connector)
  expect(job.status).toBe('completed')
  await embedded(1)
  expect(endpoint.answers.get(429)).toBe(2)
  expect(endpoint.embedded.some((text) => text.includes('My cat sleeps.'))).toBe(true)
  const { data } = await cx.call('GET', `/connectors/${connector}/sync/${job.jobId}`)
  expect(data.progress).toMatchObject({ indexed: 12, embedded: (await counts()).counts.embedded })
})

test('meaning is found where the words are others, and hybrid has both', async () => {
  expect(await search('feline', 'keyword')).toMatchObject({ data: { results: [] } })
  const found = await search('my feline sleeps', 'semantic')
  expect(paths(found)[0]).toBe('cats.txt')
  expect(found.meta.notes).toEqual(['1 chunks have no vector yet.'])
  const hybrid = paths(await search('feline this', 'hybrid'))
  expect(hybrid).toContain('poison.txt')
  expect(hybrid).toContain('cats.txt')
  expect(paths(await search('my feline sleeps', 'semantic', { filters: { pathPrefix: 'plain/' } }))).not.toContain(
    'cats.txt',
  )
  const nobody = await search('my feline sleeps', 'semantic', { principal: 'nobody@example.com' })
  expect(nobody.status).toBe(200)
})

test('only what changed is embedded again, after a restart too', async () => {
  const before = endpoint.embedded.length
  endpoint.broken = 503
  await cx.write('plain/3.txt', 'Filler number three about planes.')
  await cx.sync(connector)
  await vi.waitFor(async () => expect((await counts()).embeddingError?.code).toBe('unavailable'), { timeout: 10_000 })
  await cx.restart(env)
  await cx.host.ready
  expect(await counts()).toMatchObject({ counts: { chunks: 12, embedded: 10 } })
  endpoint.broken = undefined
  await embedded(1)
  expect(endpoint.embedded.slice(before).filter((text) => text !== 'test')).toEqual([
    expect.stringContaining('about planes'),
  ])
  expect((await counts()).embeddingError).toBeUndefined()
})

test('while the endpoint is down keyword works, hybrid says what it lacks, semantic is unavailable', async () => {
  endpoint.broken = 500
  expect(paths(await search('sleeps', 'keyword'))).toEqual(['cats.txt'])
  const hybrid = await search('sleeps', 'hybrid')
  expect(paths(hybrid)).toEqual(['cats.txt'])
  expect(hybrid.meta.notes).toContainEqual(expect.stringContaining('answered 500'))
  expect(await search('sleeps', 'semantic')).toMatchObject({ status: 503, error: { code: 'unavailable' } })
  endpoint.broken = undefined
})

test('another model embeds everything again; a wrong key is told, and never shown', async () => {
  const before = endpoint.embedded.length
  const embedding = { baseUrl: endpoint.url, model: 'two', dimensions }
  await cx.call('PUT', `/collections/${collection}`, { embedding })
  await embedded(1)
  expect(endpoint.embedded.slice(before).filter((text) => text.includes('Filler'))).toHaveLength(9)
  await cx.restart({ ...env, CX_EMBEDDING_API_KEY: 'sk-wrong-key-000' })
  await cx.host.ready
  await cx.call('PUT', `/collections/${collection}`, { embedding: { ...embedding, model: 'three' } })
  await vi.waitFor(async () => expect((await counts()).embeddingError?.code).toBe('unauthenticated'), {
    timeout: 10_000,
  })
  expect(JSON.stringify(await counts())).not.toContain('sk-wrong')
})

test('dimensions that the model does not give are named, and nothing is stored', async () => {
  await cx.restart(env)
  await cx.host.ready
  const embedding = { baseUrl: endpoint.url, model: 'two', dimensions: 3 }
  await cx.call('PUT', `/collections/${collection}`, { embedding })
  await vi.waitFor(
    async () => expect((await counts()).embeddingError?.message).toContain('64 dimensions, the collection says 3'),
    { timeout: 10_000 },
  )
  expect((await counts()).counts.embedded).toBe(0)
})
