import { existsSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'

// One connector's whole life on a folder, through HTTP. The tests of this file build on each other, in order.

describe('a folder', () => {
  let cx: Running
  let id: string
  const search = async (query: string) =>
    (await cx.call('POST', '/search', { query })).data.results.map((hit: { path: string }) => hit.path)
  const documents = async (query = '') => (await cx.call('GET', `/connectors/${id}/documents${query}`)).data

  beforeAll(async () => {
    cx = await start()
    await cx.write('guide.md', '# Guide\n\nHow to feed a walrus.\n')
    await cx.write('notes/one.txt', 'The pelican has a large bill.')
    await cx.write('notes/two.txt', 'The heron stands still.')
  })
  afterAll(() => cx?.close())

  test('is created with its collection, and shown', async () => {
    const made = await cx.call('POST', '/connectors', {
      name: 'Birds',
      type: 'filesystem',
      collection: 'zoo',
      config: { root: cx.folder },
    })
    expect(made.status).toBe(201)
    expect(made.data).toMatchObject({
      name: 'Birds',
      type: 'filesystem',
      status: 'active',
      lastSync: null,
      hasCredentials: false,
      enabled: true,
      limits: { maxFileBytes: 104_857_600 },
    })
    expect(made.data.id).toMatch(/^conn_[0-9a-z]{26}$/)
    expect(made.meta).toMatchObject({
      requestId: made.headers.get('x-request-id'),
      timestamp: expect.stringMatching(/Z$/),
    })
    id = made.data.id
    const listed = await cx.call('GET', '/connectors?collection=zoo&type=filesystem&status=active')
    expect(listed.data).toEqual([
      {
        id,
        name: 'Birds',
        type: 'filesystem',
        status: 'active',
        collection: made.data.collection,
        collectionName: 'zoo',
        lastSync: null,
        lastSyncStatus: null,
        createdAt: made.data.createdAt,
      },
    ])
    expect(listed.meta).toMatchObject({ page: 1, limit: 20, total: 1, nextCursor: null })
    expect((await cx.call('GET', '/connectors?status=paused')).data).toEqual([])
    expect((await cx.call('GET', '/collections/zoo')).data).toMatchObject({
      id: made.data.collection,
      counts: { connectors: 1, documents: 0, chunks: 0 },
    })
  })

  test('is tested and browsed', async () => {
    expect((await cx.call('POST', `/connectors/${id}/test`)).data).toMatchObject({
      success: true,
      account: expect.any(String),
      latencyMs: expect.any(Number),
    })
    const wrong = await cx.call('POST', '/connectors/test', {
      type: 'filesystem',
      config: { root: join(cx.folder, 'nowhere') },
    })
    expect(wrong.status).toBe(200)
    expect(wrong.data).toMatchObject({ success: false, checks: [{ status: 'failed', message: expect.any(String) }] })
    const { data } = await cx.call('GET', `/connectors/${id}/browse`)
    expect(data.map((item: { path: string }) => item.path.replace(/\/$/, ''))).toContain('notes')
    const previewed = await cx.call('POST', '/connectors/preview', { type: 'filesystem', config: { root: cx.folder } })
    expect(previewed.data).toMatchObject({ more: false, unreadable: [] })
    expect(previewed.data.entries).toHaveLength(3)
  })

  test('is synced: everything is listed, indexed and found', async () => {
    const started = await cx.call('POST', `/connectors/${id}/sync`)
    expect(started.status).toBe(202)
    expect(started.data).toEqual({
      jobId: expect.stringMatching(/^job_/),
      status: 'queued',
      startedAt: expect.stringMatching(/Z$/),
    })
    const job = await cx.wait(id, started.data.jobId)
    expect(job).toMatchObject({
      status: 'completed',
      mode: 'auto',
      progress: { listed: 3, collected: 3, parsed: 3, indexed: 3, unchanged: 0, skipped: 0, failed: 0, deleted: 0 },
    })
    expect(job.completedAt >= job.startedAt).toBe(true)
    expect(await search('walrus')).toEqual(['guide.md'])
    expect((await cx.call('GET', `/connectors/${id}`)).data).toMatchObject({
      lastSync: job.completedAt,
      lastSyncStatus: 'completed',
    })
    const [document] = await documents('?path=guide')
    expect(document).toMatchObject({ path: 'guide.md', status: 'indexed', contentType: 'text/markdown', chunks: 1 })
    const content = await fetch(`${cx.url}/api/v1/connectors/${id}/documents/${document!.id}/content`, {
      headers: { Authorization: `Bearer ${cx.key}` },
    })
    expect(await content.text()).toBe('# Guide\n\nHow to feed a walrus.\n')
    expect((await cx.call('GET', `/connectors/${id}/documents/${document!.id}/chunks`)).data).toMatchObject([
      { position: 0, text: expect.stringContaining('walrus') },
    ])
  })

  test('lists with pages and cursors', async () => {
    const first = await cx.call('GET', `/connectors/${id}/documents?limit=2`)
    expect(first.meta).toMatchObject({ page: 1, limit: 2, total: 3, nextCursor: expect.any(String) })
    const second = await cx.call('GET', `/connectors/${id}/documents?limit=2&cursor=${first.meta.nextCursor}`)
    expect(second.data).toHaveLength(1)
    expect(second.meta.nextCursor).toBeNull()
    const numbered = await cx.call('GET', `/connectors/${id}/documents?limit=2&page=2`)
    expect(numbered.data).toEqual(second.data)
    expect((await cx.call('GET', `/connectors/${id}/documents?cursor=made-up`)).error).toMatchObject({
      code: 'invalid_request',
      details: [{ path: '/cursor' }],
    })
  })

  test('lists the files at the source beside what is indexed', async () => {
    await cx.write('notes/three.txt', 'The ibis wades.')
    const first = await cx.call('GET', `/connectors/${id}/files?limit=3`)
    const second = await cx.call('GET', `/connectors/${id}/files?limit=3&cursor=${first.meta.nextCursor}`)
    const files = [...first.data, ...second.data]
    expect(Object.fromEntries(files.map(({ path, status }) => [path, status]))).toEqual({
      'guide.md': 'indexed',
      'notes/one.txt': 'indexed',
      'notes/two.txt': 'indexed',
      'notes/three.txt': 'pending',
    })
    expect(second.meta.nextCursor).toBeNull()
    expect((await cx.call('GET', `/connectors/${id}/files?path=notes/`)).meta.total).toBe(3)
  })

  test('a second sync takes only what is new, a third does nothing', async () => {
    expect(await cx.sync(id)).toMatchObject({
      status: 'completed',
      progress: { listed: 4, collected: 1, indexed: 1, unchanged: 3 },
    })
    expect(await cx.sync(id)).toMatchObject({
      status: 'completed',
      progress: { listed: 4, collected: 0, indexed: 0, unchanged: 4 },
    })
  })

  test('a changed and a deleted file are noticed', async () => {
    await cx.write('guide.md', '# Guide\n\nHow to feed a seal.\n')
    await rm(join(cx.folder, 'notes/two.txt'))
    expect(await cx.sync(id)).toMatchObject({
      status: 'completed',
      progress: { listed: 3, indexed: 1, unchanged: 2, deleted: 1 },
    })
    expect(await search('walrus')).toEqual([])
    expect(await search('seal')).toEqual(['guide.md'])
    expect(await search('heron')).toEqual([])
    expect(await documents('?status=deleted')).toMatchObject([
      { path: 'notes/two.txt', status: 'deleted', deletedAt: expect.any(String) },
    ])
  })

  test('modes: full reads everything, incremental only what is named', async () => {
    expect(await cx.sync(id, { sync_mode: 'full', file_filter: ['guide.md'] })).toMatchObject({
      mode: 'full',
      progress: { listed: 3, collected: 3, indexed: 3, unchanged: 0 },
    })
    expect(
      await cx.sync(id, { sync_mode: 'incremental', file_filter: ['guide.md', 'notes/absent.txt'] }),
    ).toMatchObject({ progress: { listed: 2, collected: 1, indexed: 1, skipped: 1 } })
    expect(await cx.sync(id, { file_filter: ['notes/'] })).toMatchObject({
      mode: 'auto',
      progress: { listed: 2, unchanged: 2 },
    })
    const forced = await cx.call('POST', `/connectors/${id}/sync`, { force_full_sync: true })
    expect(forced.headers.get('deprecation')).toMatch(/^@\d+$/)
    expect(await cx.wait(id, forced.data.jobId)).toMatchObject({ mode: 'full', progress: { indexed: 3 } })
    const refused: unknown[] = [
      { sync_mode: 'incremental' },
      { sync_mode: 'incremental', file_filter: [] },
      { sync_mode: 'incremental', file_filter: ['a'], force_full_sync: true },
      { sync_mode: 'some' },
      { file_filter: Array.from({ length: 10_001 }, (_, index) => `f${index}`) },
      { file_filter: ['a'], mode: 'auto' },
    ]
    for (const body of refused)
      expect(await cx.call('POST', `/connectors/${id}/sync`, body)).toMatchObject({
        status: 400,
        error: { code: 'invalid_request' },
      })
  })

  test('a document removed through the API stays out until it is asked for', async () => {
    const [document] = await documents('?path=notes/one')
    expect((await cx.call('DELETE', `/connectors/${id}/documents/${document!.id}`)).data).toEqual({
      id: document!.id,
      deleted: true,
    })
    expect(await search('pelican')).toEqual([])
    expect(await cx.sync(id)).toMatchObject({ progress: { listed: 3, unchanged: 2, skipped: 1, indexed: 0 } })
    expect(await search('pelican')).toEqual([])
    await cx.sync(id, { sync_mode: 'incremental', file_filter: ['notes/one.txt'] })
    expect(await search('pelican')).toEqual(['notes/one.txt'])
  })

  test('files are uploaded to the source and indexed', async () => {
    const form = new FormData()
    form.append('path', 'inbox')
    form.append('files', new Blob(['The stork returns.']), 'stork.txt')
    form.append('files', new Blob(['The crane dances.']), 'deep/crane.txt')
    const sent = await cx.call('POST', `/connectors/${id}/files/upload`, form)
    expect(sent.status).toBe(202)
    expect(sent.data.uploaded).toEqual([
      { path: 'inbox/stork.txt', size: 18 },
      { path: 'inbox/deep/crane.txt', size: 17 },
    ])
    expect(await cx.wait(id, sent.data.jobId)).toMatchObject({
      status: 'completed',
      mode: 'incremental',
      progress: { indexed: 2 },
    })
    expect(await readFile(join(cx.folder, 'inbox/stork.txt'), 'utf8')).toBe('The stork returns.')
    expect(await search('stork')).toEqual(['inbox/stork.txt'])
    for (const name of ['../out.txt', '/etc/out.txt', 'a/../../out.txt', 'bad\u0001name.txt']) {
      const bad = new FormData()
      bad.append('files', new Blob(['x']), name)
      expect(await cx.call('POST', `/connectors/${id}/files/upload`, bad)).toMatchObject({
        status: 400,
        error: { code: 'invalid_request' },
      })
    }
    expect(existsSync(join(cx.folder, '../out.txt'))).toBe(false)
    expect(await cx.call('POST', `/connectors/${id}/files/upload`, { files: [] })).toMatchObject({ status: 400 })
    expect(await cx.call('POST', `/connectors/${id}/files/upload`, new FormData())).toMatchObject({ status: 400 })
  })

  test('files are deleted at the source and leave the index', async () => {
    const gone = await cx.call('DELETE', `/connectors/${id}/files`, { paths: ['inbox/stork.txt', 'inbox/never.txt'] })
    expect(gone).toMatchObject({
      status: 202,
      data: { deleted: ['inbox/stork.txt'], notFound: ['inbox/never.txt'], jobId: expect.stringMatching(/^job_/) },
    })
    expect(await cx.wait(id, gone.data.jobId)).toMatchObject({ status: 'completed', progress: { deleted: 1 } })
    expect(existsSync(join(cx.folder, 'inbox/stork.txt'))).toBe(false)
    expect(await search('stork')).toEqual([])
    expect(await cx.call('DELETE', `/connectors/${id}/files`, { paths: ['../guide.md', 'ok.md'] })).toMatchObject({
      status: 400,
      error: { details: [{ path: '/paths/0' }] },
    })
  })

  test('PUT merges the configuration; a narrower scope removes documents at the next sync', async () => {
    const changed = await cx.call('PUT', `/connectors/${id}`, {
      name: 'Water birds',
      config: { include: ['notes/**'] },
    })
    expect(changed).toMatchObject({
      status: 200,
      data: { name: 'Water birds', config: { root: cx.folder, include: ['notes/**'] } },
    })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { listed: 2, deleted: 2 } })
    const cleared = await cx.call('PUT', `/connectors/${id}`, { config: { include: null } })
    expect(cleared.data.config.include).not.toEqual(['notes/**'])
    expect(await cx.call('PUT', `/connectors/${id}`, { config: { root: null } })).toMatchObject({
      status: 400,
      error: { details: [{ path: '/config/root', message: 'is required' }] },
    })
    expect(
      (
        await cx.call('PUT', `/connectors/${id}`, {
          type: 's3',
          collection: 'elsewhere',
          schedule: 'never',
          timezone: 'Mars/Base',
        })
      ).error.details
        .map((detail: { path: string }) => detail.path)
        .sort(),
    ).toEqual(['/collection', '/schedule', '/timezone', '/type'])
    expect(
      (
        await cx.call('PUT', `/connectors/${id}`, {
          schedule: '0 3 * * *',
          timezone: 'Europe/Berlin',
          limits: { maxFileBytes: 10 },
        })
      ).data,
    ).toMatchObject({ schedule: '0 3 * * *', timezone: 'Europe/Berlin', limits: { maxFileBytes: 10 } })
    await cx.call('PUT', `/connectors/${id}`, { schedule: null, limits: { maxFileBytes: 1_000_000 } })
  })

  test('a paused connector does not sync', async () => {
    expect((await cx.call('PUT', `/connectors/${id}`, { enabled: false })).data.status).toBe('paused')
    expect(await cx.call('POST', `/connectors/${id}/sync`)).toMatchObject({
      status: 409,
      error: { code: 'conflict', details: { reason: 'connector_paused' } },
    })
    expect((await cx.call('PUT', `/connectors/${id}`, { enabled: true })).data.status).toBe('active')
  })

  test('bad documents make a job partial, each with its reason', async () => {
    await cx.write('broken.pdf', '%PDF-1.7 this is no document')
    await cx.write('empty.txt', '')
    const job = await cx.sync(id)
    expect(job.status).toBe('partial')
    const failures = await cx.call('GET', `/connectors/${id}/sync/${job.jobId}/failures`)
    expect(failures.data.map(({ path }: { path: string }) => path)).toContain('broken.pdf')
    expect(failures.data[0]).toMatchObject({ stage: 'parse', code: expect.any(String), message: expect.any(String) })
    const retried = await cx.call('POST', `/connectors/${id}/sync/${job.jobId}/retry`)
    expect(retried.status).toBe(202)
    expect((await cx.wait(id, retried.data.jobId)).status).toBe('partial')
    await rm(join(cx.folder, 'broken.pdf'))
    await rm(join(cx.folder, 'empty.txt'))
    expect((await cx.sync(id)).status).toBe('completed')
  })

  test('the mass-delete valve waits for a person', async () => {
    for (let index = 0; index < 60; index++) await cx.write(`many/${index}.txt`, `number ${index}`)
    await cx.sync(id)
    await rm(join(cx.folder, 'many'), { recursive: true })
    const held = await cx.sync(id)
    expect(held).toMatchObject({ status: 'needs_confirmation', pendingDeletions: 60, progress: { deleted: 0 } })
    const confirmed = await cx.call('POST', `/connectors/${id}/sync/${held.jobId}/confirm`)
    expect(confirmed.status).toBe(202)
    expect(await cx.wait(id, confirmed.data.jobId)).toMatchObject({
      status: 'completed',
      kind: 'confirm',
      progress: { deleted: 60 },
    })
    expect(await cx.call('POST', `/connectors/${id}/sync/${confirmed.data.jobId}/confirm`)).toMatchObject({
      status: 409,
      error: { details: { reason: 'nothing_to_confirm' } },
    })
  })

  test('a job is followed by events, resumed by the id of the last one', async () => {
    const { data } = await cx.call('POST', `/connectors/${id}/sync`, { sync_mode: 'full' })
    const follow = async (last?: string) => {
      const response = await fetch(`${cx.url}/api/v1/connectors/${id}/sync/${data.jobId}/events`, {
        headers: { Authorization: `Bearer ${cx.key}`, ...(last && { 'Last-Event-ID': last }) },
      })
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      return (await response.text()).split('\n\n').filter((block) => block.startsWith('id:'))
    }
    const events = await follow()
    expect(events.at(-1)).toMatch(/^id: \d+\nevent: end\ndata: /)
    expect(JSON.parse(events.at(-1)!.split('data: ')[1]!)).toMatchObject({ jobId: data.jobId, status: 'completed' })
    const before = String(Number(/^id: (\d+)/.exec(events.at(-1)!)![1]) - 1)
    expect(await follow(before)).toEqual([events.at(-1)])
  })

  test('the history lists every job', async () => {
    const history = await cx.call('GET', `/connectors/${id}/sync?limit=100`)
    expect(history.meta.total).toBe(history.data.length)
    expect(history.data.length).toBeGreaterThan(10)
    expect(
      (await cx.call('GET', `/connectors/${id}/sync?status=partial`)).data.every(
        (job: { status: string }) => job.status === 'partial',
      ),
    ).toBe(true)
  })

  test('permissions are refreshed as a job', async () => {
    const started = await cx.call('POST', `/connectors/${id}/refresh-permissions`)
    expect(await cx.wait(id, started.data.jobId)).toMatchObject({
      kind: 'permissions',
      status: 'completed',
      mode: null,
    })
  })

  test('everything survives a restart', async () => {
    expect((await stat(join(cx.folder, '../data/api-key'))).mode & 0o777).toBe(0o600)
    await cx.restart()
    expect(cx.host.newKey).toBeUndefined()
    await cx.host.ready
    expect(await search('pelican')).toEqual(['notes/one.txt'])
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { indexed: 0 } })
  })

  test('is deleted with all it had; the source keeps its files', async () => {
    expect((await cx.call('DELETE', '/collections/zoo')).error).toMatchObject({
      code: 'conflict',
      details: { reason: 'collection_not_empty' },
    })
    expect(await cx.call('DELETE', `/connectors/${id}`)).toMatchObject({ status: 200, data: { id, deleted: true } })
    expect((await cx.call('GET', `/connectors/${id}`)).status).toBe(404)
    expect((await cx.call('DELETE', `/connectors/${id}`)).status).toBe(404)
    expect(await search('pelican')).toEqual([])
    expect(existsSync(join(cx.folder, 'notes/one.txt'))).toBe(true)
    expect((await cx.call('DELETE', '/collections/zoo')).status).toBe(200)
    const log = await cx.call('GET', '/audit?limit=100')
    expect(log.data.map((event: { action: string }) => event.action)).toEqual(
      expect.arrayContaining([
        'connector.created',
        'connector.deleted',
        'document.deleted',
        'files.uploaded',
        'collection.deleted',
      ]),
    )
  })
})
