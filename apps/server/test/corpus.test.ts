import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, startS3 } from '../../../plugins/s3/test/s3-server.ts'
import { type Row, type Running, start } from './harness.ts'

const corpus = process.env.CX_CORPUS ?? join(import.meta.dirname, '../../../../shared/corpus')
const credentials = { accessKeyId: 'AKIATESTKEY', secretAccessKey: 'test/secret/that-is-long-enough' }

interface Listed {
  readonly id: string
  readonly path: string
  readonly status: string
  readonly chunks: number
  readonly parentId: string | null
  readonly error?: { readonly code: string; readonly message: string } | null
}

describe.skipIf(!existsSync(corpus))('the real documents, in a bucket', () => {
  let cx: Running
  let s3: S3Server
  let connector: string
  const documents: Listed[] = []
  let files = 0

  beforeAll(async () => {
    s3 = await startS3({ ...credentials, bucket: 'corpus' })
    cx = await start({ CX_PARSE_WORKERS: '2' })
    for (const name of await readdir(corpus, { recursive: true })) {
      const path = join(corpus, name)
      if (!(await stat(path)).isFile()) continue
      await s3.put(name, await readFile(path))
      files++
    }
  }, 120_000)
  afterAll(async () => {
    await cx?.close()
    await s3?.close()
  })

  test('every one is searchable or listed with a reason', async () => {
    const { data } = await cx.call('POST', '/connectors', {
      name: 'Corpus',
      type: 's3',
      collection: 'corpus',
      config: { bucket: 'corpus', region: 'us-east-1', endpoint: s3.endpoint },
      credentials,
    })
    connector = data.id
    const job = (await cx.sync(connector)) as Row & { progress: Record<string, number> }
    expect(['completed', 'partial']).toContain(job.status)
    expect(job.progress.listed).toBe(files)
    const { indexed = 0, unchanged = 0, skipped = 0, failed = 0 } = job.progress
    expect(indexed + unchanged + skipped + failed).toBe(files)
    for (let cursor = ''; ; ) {
      const page = await cx.call(
        'GET',
        `/connectors/${connector}/documents?children=true&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      )
      documents.push(...(page.data as unknown as Listed[]))
      cursor = (page.meta as { nextCursor?: string }).nextCursor ?? ''
      if (!cursor) break
    }
    expect(documents.filter(({ parentId }) => parentId === null).length).toBe(files)
    // A mailbox or an archive has no text of its own: what came out of it speaks for it.
    const containers = new Set(documents.map(({ parentId }) => parentId))
    const silent = documents.filter(({ id, status, chunks, error }) =>
      status === 'indexed' ? chunks === 0 && !containers.has(id) : !error?.code || !error.message,
    )
    expect(silent.map(({ path, status, error }) => [path, status, error])).toEqual([])
    // Most of them are ordinary documents: a sync that fails at large is no success.
    expect(documents.filter(({ status }) => status === 'indexed').length).toBeGreaterThan(files * 0.85)
  }, 300_000)

  test('what is indexed is found by a line of its own', async () => {
    const indexed = documents.filter(({ status }) => status === 'indexed')
    for (let i = 0; i < indexed.length; i += Math.ceil(indexed.length / 40)) {
      const { id, path } = indexed[i]!
      const chunks = await cx.call('GET', `/connectors/${connector}/documents/${id}/chunks?limit=1`)
      const words =
        String((chunks.data as unknown as { text: string }[])[0]?.text)
          .match(/\p{L}{5,}/gu)
          ?.slice(0, 6) ?? []
      if (words.length < 4) continue
      const { data } = await cx.call('POST', '/search', {
        query: words.join(' '),
        filters: { pathPrefix: path },
        limit: 1,
      })
      expect(
        data.results.map((hit: { path: string }) => hit.path),
        words.join(' '),
      ).toEqual([path])
    }
  }, 60_000)
})
