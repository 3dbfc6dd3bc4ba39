import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, startS3 } from '../../../plugins/s3/test/s3-server.ts'
import { builtCli, type ProcessHost, startProcess, watchJob } from './process-host.ts'

const credentials = { accessKeyId: 'AKIATESTKEY', secretAccessKey: 'test/secret/that-is-long-enough' }
const key = 'test-key-0123456789abcdef'

// Everything else is tested out of the source. What people run is what the compiler made of it.
describe.skipIf(!existsSync(builtCli))('the host as it is built', () => {
  let folder: string
  let s3: S3Server
  let cx: ProcessHost
  let connector: unknown

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cx-built-'))
    s3 = await startS3({ ...credentials, bucket: 'docs' })
    await s3.put('birds/owl.md', '# Owls\n\nAn owl turns its head by 270 degrees.\n')
    await s3.put('birds/heron.html', '<title>Herons</title><p>A heron stands and waits for fish.</p>')
    // The conditions of the test runner are not those of whoever installs cx.
    cx = await startProcess({ CX_DATA_DIR: join(folder, 'data'), CX_API_KEY: key, NODE_OPTIONS: '' }, builtCli)
  })
  afterAll(async () => {
    await cx?.end('SIGTERM')
    await s3?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const found = async (query: string) => {
    const { data } = await cx.call('POST', '/search', { query })
    return (data.results as { path: string }[]).map(({ path }) => path)
  }

  test('knows every source', async () => {
    const { data } = await cx.call('GET', '/connector-types')
    expect((data as unknown as { type: string }[]).map(({ type }) => type).sort()).toEqual([
      'confluence',
      'filesystem',
      'github',
      'google_drive',
      'notion',
      'postgresql',
      's3',
      'salesforce',
      'slack',
    ])
  })

  test('syncs a bucket, and what is found is there', async () => {
    const source = { type: 's3', config: { bucket: 'docs', region: 'us-east-1', endpoint: s3.endpoint }, credentials }
    const tried = await cx.call('POST', '/connectors/test', source)
    expect(tried.data).toMatchObject({ success: true })
    const made = await cx.call('POST', '/connectors', { name: 'Bucket', collection: 'birds', ...source })
    expect(made.status).toBe(201)
    connector = made.data.id
    const { data } = await cx.call('POST', `/connectors/${connector}/sync`)
    const job = await watchJob(cx, connector, data.jobId)
    expect(job).toMatchObject({ status: 'completed', progress: { listed: 2, indexed: 2 } })
    expect(await found('owl')).toEqual(['birds/owl.md'])
    expect(await found('fish')).toEqual(['birds/heron.html'])
  })

  test('uploads to it and deletes from it', async () => {
    const form = new FormData()
    form.append('path', 'birds')
    form.append('files', new File(['A stork builds on chimneys.'], 'stork.txt'))
    const answer = await fetch(`${cx.url}/api/v1/connectors/${connector}/files/upload`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}` },
      body: form,
    })
    expect(answer.status).toBe(202)
    const { data } = (await answer.json()) as { data: { jobId: string } }
    await watchJob(cx, connector, data.jobId)
    expect(await found('stork')).toEqual(['birds/stork.txt'])
    const gone = await cx.call('DELETE', `/connectors/${connector}/files`, { paths: ['birds/stork.txt'] })
    expect(gone.data).toMatchObject({ deleted: ['birds/stork.txt'] })
    await watchJob(cx, connector, gone.data.jobId)
    expect(await found('stork')).toEqual([])
  })
})
