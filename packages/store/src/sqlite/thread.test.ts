import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { joinSqliteStore, openSqliteStore } from './open.ts'
import { Thread } from './thread.ts'
import type { WriterMethods } from './writer.ts'

test('a thread that is gone says so, to the calls that wait and to those to come', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cx-thread-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const thread = new Thread<WriterMethods>({ role: 'writer', file: join(folder, 'cx.db') })
  await thread.call('ready')
  expect(thread.failure).toBeUndefined()
  const waiting = thread.call('purgeTombstones', 0).catch((error: unknown) => error)
  await thread.terminate()
  const answer = await waiting
  expect(answer === 0 || (answer as { code?: unknown }).code === 'closed').toBe(true)
  expect(thread.failure).toMatchObject({ code: 'closed' })
  await expect(thread.call('ready')).rejects.toMatchObject({ code: 'closed' })
})

test('a thread that cannot open its database fails with the reason', async () => {
  const thread = new Thread<WriterMethods>({ role: 'writer', file: join(tmpdir(), 'no-such-folder', 'cx.db') })
  await expect(thread.call('ready')).rejects.toThrow(/directory/)
  expect(thread.failure).toBeDefined()
})

test('another thread joins: it writes through the same writer, reads what is written, and leaves alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cx-thread-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const store = await openSqliteStore({ file: join(folder, 'cx.db') })
  const joined = await joinSqliteStore(store.share())
  const { id } = await joined.createCollection({ name: 'Docs', description: '', embedding: null })
  expect(await store.collection(id)).toMatchObject({ name: 'Docs' })
  await joined.close()
  await expect(joined.purgeTombstones(0)).rejects.toMatchObject({ code: 'closed' })
  expect(await store.purgeTombstones(0)).toBe(0)
  const orphan = await joinSqliteStore(store.share())
  await store.close()
  await expect(orphan.purgeTombstones(0)).rejects.toMatchObject({ code: 'closed' })
})
