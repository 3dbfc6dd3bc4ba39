import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, startS3 } from '../../../plugins/s3/test/s3-server.ts'
import { type Running, start } from './harness.ts'

const credentials = { accessKeyId: 'AKIATESTKEY', secretAccessKey: 'test/secret/that-is-long-enough' }

describe('a bucket', () => {
  let cx: Running
  let s3: S3Server
  let id: string
  const config = () => ({ bucket: 'docs', region: 'us-east-1', endpoint: s3.endpoint })
  const search = async (query: string) =>
    (await cx.call('POST', '/search', { query })).data.results.map(({ path }) => path)

  beforeAll(async () => {
    s3 = await startS3({ ...credentials, bucket: 'docs' })
    cx = await start()
    await s3.put('reports/2026.md', '# Report\n\nThe axolotl regrows its limbs.')
    await s3.put('reports/old name.txt', 'The gecko climbs.')
  })
  afterAll(async () => {
    await cx?.close()
    await s3?.close()
  })

  test('is tested before it is created', async () => {
    expect(
      (await cx.call('POST', '/connectors/test', { type: 's3', config: config(), credentials })).data,
    ).toMatchObject({ success: true })
    const wrong = await cx.call('POST', '/connectors/test', {
      type: 's3',
      config: config(),
      credentials: { ...credentials, secretAccessKey: 'wrong' },
    })
    expect(wrong).toMatchObject({ status: 200, data: { success: false, message: expect.any(String) } })
    expect(
      await cx.call('POST', '/connectors/test', { type: 's3', config: { ...config(), bucket: 7 }, credentials }),
    ).toMatchObject({ status: 400, error: { details: [{ path: '/config/bucket' }] } })
  })

  test('is created; its credentials are never shown, nor stored as they are', async () => {
    const made = await cx.call('POST', '/connectors', {
      name: 'Bucket',
      type: 's3',
      collection: 'cloud',
      config: config(),
      credentials,
    })
    expect(made).toMatchObject({
      status: 201,
      data: {
        hasCredentials: true,
        credentials: { method: 'accessKeys', hints: { secretAccessKey: expect.stringContaining('••••') } },
      },
    })
    expect(JSON.stringify(made.data)).not.toContain(credentials.secretAccessKey)
    id = made.data.id
    const data = join(cx.folder, '../data')
    for (const file of await readdir(data))
      expect((await readFile(join(data, file))).includes(credentials.secretAccessKey), file).toBe(false)
  })

  test('is synced and searched; a second sync does nothing', async () => {
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { listed: 2, indexed: 2 } })
    expect(await search('axolotl')).toEqual(['reports/2026.md'])
    // A check before the sync tries one byte, which is a range.
    const reads = () => s3.calls.filter(({ operation, headers }) => operation === 'GetObject' && !headers.range).length
    const before = reads()
    expect(before).toBe(2)
    expect(await cx.sync(id)).toMatchObject({ progress: { listed: 2, unchanged: 2, collected: 0 } })
    expect(reads()).toBe(before)
  })

  test('changes and deletions at the source are noticed', async () => {
    await s3.put('reports/2026.md', '# Report\n\nThe newt regrows its tail.')
    s3.remove('reports/old name.txt')
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { listed: 1, indexed: 1, deleted: 1 } })
    expect(await search('newt')).toEqual(['reports/2026.md'])
    expect(await search('gecko')).toEqual([])
  })

  test('files go up to the bucket and are deleted there', async () => {
    const form = new FormData()
    form.append('path', 'inbox/')
    form.append('files', new Blob(['The toad sings.']), 'toad.txt')
    const sent = await cx.call('POST', `/connectors/${id}/files/upload`, form)
    expect(sent).toMatchObject({ status: 202, data: { uploaded: [{ path: 'inbox/toad.txt', size: 15 }] } })
    await cx.wait(id, sent.data.jobId)
    expect(await search('toad')).toEqual(['inbox/toad.txt'])
    expect((await cx.call('GET', `/connectors/${id}/files?path=inbox/`)).data).toMatchObject([
      { path: 'inbox/toad.txt', size: 15, status: 'indexed' },
    ])
    const gone = await cx.call('DELETE', `/connectors/${id}/files`, { paths: ['inbox/toad.txt'] })
    expect(gone).toMatchObject({ status: 202, data: { deleted: ['inbox/toad.txt'], notFound: [] } })
    await cx.wait(id, gone.data.jobId)
    expect(await search('toad')).toEqual([])
  })

  test('refused credentials make the connector an error, until they are replaced', async () => {
    await cx.call('PUT', `/connectors/${id}`, {
      credentials: { ...credentials, secretAccessKey: 'another-wrong-secret' },
    })
    expect(await cx.sync(id)).toMatchObject({
      status: 'failed',
      error: { code: 'unauthenticated', message: expect.any(String) },
    })
    expect((await cx.call('GET', `/connectors/${id}`)).data).toMatchObject({
      status: 'error',
      lastError: { code: 'unauthenticated' },
    })
    expect(await cx.call('GET', `/connectors/${id}/files`)).toMatchObject({
      status: 409,
      error: { details: { reason: 'reauthorization_required' } },
    })
    await cx.call('PUT', `/connectors/${id}`, { credentials })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { deleted: 0 } })
    expect((await cx.call('GET', `/connectors/${id}`)).data).toMatchObject({ status: 'active', lastError: null })
  })

  test('a hanging source is cancelled within two seconds', async () => {
    s3.fault({ operation: 'ListObjectsV2', times: 10, instead: 'hang' })
    const { data } = await cx.call('POST', `/connectors/${id}/sync`)
    await expect
      .poll(async () => (await cx.call('GET', `/connectors/${id}/sync/${data.jobId}`)).data.status)
      .toBe('running')
    const began = performance.now()
    expect(await cx.call('POST', `/connectors/${id}/sync/${data.jobId}/cancel`)).toMatchObject({ status: 202 })
    expect((await cx.wait(id, data.jobId)).status).toBe('cancelled')
    expect(performance.now() - began).toBeLessThan(2500)
    expect(await search('newt')).toEqual(['reports/2026.md'])
  })
})
