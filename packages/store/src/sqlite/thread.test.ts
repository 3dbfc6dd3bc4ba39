import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
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
