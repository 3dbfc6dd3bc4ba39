import type { ChildDocument, Outcome } from '@cx/core/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

test.each([
  ['a NUL', ['dang\0erous.txt'], ['dang\ufffderous.txt']],
  ['half a character', ['a\ud83d.txt'], ['a\ufffd.txt']],
  ['one name', ['a.txt', 'a.txt', 'a.txt'], ['a.txt', 'a.txt (2)', 'a.txt (3)']],
  ['names that differ in what cannot be stored', ['a\0', 'a\ud83d', 'a'], ['a\ufffd', 'a\ufffd (2)', 'a']],
])('members with %s are kept, and found again when their container is read again', async (_, names, stored) => {
  const { store } = opened
  const { id: connectorId } = await opened.newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  const children = names.map(
    (path, i): ChildDocument => ({
      path,
      size: 1,
      outcome: {
        ok: true,
        document: { mimeType: 'text/plain', chunks: [{ text: `text ${i}`, overlap: 0, headings: [] }] },
      },
    }),
  )
  const index = async (version: string) => {
    await store.commit(
      { jobId: job.id, connectorId, attempt: job.attempt },
      {
        generation: null,
        pipeline: 'p',
        skipPipeline: 'p',
        outcomes: [
          {
            kind: 'indexed',
            entry: { id: 'z', path: 'z.zip', version },
            fingerprint: 1,
            bytes: 1,
            contentHash: version,
            document: { mimeType: 'application/zip', chunks: [], children },
          },
        ],
      },
    )
    const { rows } = await store.documents({ connectorId, children: true }, { limit: 10 })
    return rows.filter(({ parentId }) => parentId !== null).map(({ id, entry, chunks }) => [id, entry.path, chunks])
  }
  const first = await index('1')
  expect(first.map(([, path]) => path).sort()).toEqual(stored.map((name) => `z.zip/${name}`).sort())
  expect(await index('2')).toEqual(first)
})

test('a document that cannot be stored is refused, with all that came with it', async () => {
  const { store } = opened
  const { id: connectorId } = await opened.newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  const outcome = (id: string, pages: number): Outcome => ({
    kind: 'indexed',
    entry: { id, path: id, version: '1' },
    fingerprint: 1,
    bytes: 1,
    contentHash: id,
    document: { mimeType: 'text/plain', chunks: [], pages },
  })
  const commit = store.commit(
    { jobId: job.id, connectorId, attempt: job.attempt },
    {
      generation: null,
      pipeline: 'p',
      skipPipeline: 'p',
      outcomes: [outcome('a', 1), outcome('b', ['no number'] as never)],
    },
  )
  await expect(commit).rejects.toMatchObject({ code: 'refused' })
  expect((await store.documents({ connectorId }, { limit: 10 })).rows).toEqual([])
})
