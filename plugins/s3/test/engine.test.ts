import { startEngine } from '@cx/testing'
import { expect, test } from 'vitest'
import s3 from '../src/index.ts'
import { credentials } from './harness.ts'
import { startS3 } from './s3-server.ts'

test('by the engine: text of what is archived stays, a restore is read, and a bad day deletes nothing', async () => {
  const server = await startS3({ pageSize: 5 })
  for (let index = 10; index < 30; index++) await server.put(`${index}.txt`, `text ${index}`)
  await server.put('frozen.txt', 'ice', { storageClass: 'GLACIER' })
  await using engine = await startEngine(s3, {
    config: { bucket: 'docs', endpoint: server.endpoint },
    credentials: { method: 'accessKeys', ...credentials },
  })
  try {
    expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 20, skipped: 1 } })

    server.change('10.txt', { storageClass: 'DEEP_ARCHIVE' })
    server.change('frozen.txt', { restored: true })
    await engine.sync()
    expect([engine.text('10.txt'), engine.text('frozen.txt')]).toEqual(['text 10', 'ice'])
    server.change('frozen.txt', { restored: false })
    await engine.sync()
    expect(engine.text('frozen.txt')).toBe('ice')
    expect(engine.indexed).toBe(21)

    for (const fault of [
      { status: 403, code: 'AccessDenied', after: 2 },
      { status: 404, code: 'NoSuchBucket' },
      { status: 200, code: 'html', after: 3 },
      { status: 403, code: 'InvalidAccessKeyId', after: 1 },
    ]) {
      server.fault({ operation: 'ListObjectsV2', ...fault, times: 20 })
      expect((await engine.sync()).status, fault.code).toBe('failed')
      server.calm()
      expect(engine.indexed).toBe(21)
    }
    server.remove('11.txt')
    expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { deleted: 1 } })
  } finally {
    await server.close()
  }
}, 60_000)
