import type { Chunk, Outcome } from '@cx/core/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
  const { store } = opened
  const { id: connectorId } = await opened.newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  const document = (id: string, title: string, chunks: readonly (readonly [string, ...string[]])[]): Outcome => ({
    kind: 'indexed',
    entry: { id, path: `${id}.md`, version: '1' },
    fingerprint: 1,
    bytes: 1,
    contentHash: id,
    document: {
      mimeType: 'text/markdown',
      title,
      chunks: chunks.map(([text, ...headings]): Chunk => ({ text, overlap: 0, headings })),
    },
  })
  const long = 'It begins with many words that say what the whole is about and why it was written. '.repeat(5)
  await store.commit(
    { jobId: job.id, connectorId, attempt: job.attempt },
    {
      generation: null,
      pipeline: 'p',
      skipPipeline: 'p',
      outcomes: [
        document('report', 'Annual Report of Lynxes', [
          [long, 'Annual Report of Lynxes'],
          ['Numbers.', 'Annual Report of Lynxes', 'Figures'],
          [`${long} An ibex was seen once.`, 'Annual Report of Lynxes', 'Sightings'],
          ['Thanks to all.', 'Annual Report of Lynxes', 'Herons, too'],
        ]),
        document('other', 'Nothing', [['An ibex and a lynx.']]),
      ],
    },
  )
})
afterAll(() => opened.close())

const positions = async (query: string, limit = 10, offset = 0) => {
  const { hits } = await opened.store.search({ query, collections: [opened.collectionId], limit, offset })
  return hits.filter(({ path }) => path === 'report.md').map(({ position }) => position)
}

test('a document that is found by its title alone is shown from its beginning', async () => {
  const all = await positions('annual report')
  expect(all[0]).toBe(0)
  expect(all.toSorted()).toEqual([0, 1, 2, 3])
})

test('on every page there are other chunks', async () => {
  const all = await positions('annual report')
  const single = await Promise.all([0, 1, 2, 3].map((offset) => positions('annual report', 1, offset)))
  expect(single.flat()).toEqual(all)
})

test('a chunk that says it itself, or its heading does, stays where it is', async () => {
  expect((await positions('lynxes ibex'))[0]).toBe(2)
  expect((await positions('lynxes herons'))[0]).toBe(3)
})
