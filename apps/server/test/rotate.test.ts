import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createVault, openKeyring, openSqliteStore } from '@cx/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotateKeys } from '../src/rotate.ts'
import { readSettings } from '../src/settings.ts'
import { type Running, start } from './harness.ts'

const [old, next] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64')) as [string, string]
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a secret of some length' }

let cx: Running
let data: string
beforeAll(async () => {
  cx = await start({ CX_ENCRYPTION_KEY: old })
  data = join(cx.folder, '../data')
})
afterAll(() => cx?.close())

const settings = (keys: string) => readSettings({ CX_DATA_DIR: data, CX_ENCRYPTION_KEY: keys })

/** What an installation with these keys alone reads. */
const readWith = async (keys: string, id: string): Promise<unknown> => {
  const store = await openSqliteStore({ file: join(data, 'cx.sqlite') })
  try {
    const ring = await openKeyring({ file: join(data, 'none.json'), keys: keys.split(',') })
    return await createVault({ store, keys: ring }).credentials(id)
  } finally {
    await store.close()
  }
}

test('keys from the settings: the new one first, then everything is encrypted with it, then the old one can go', async () => {
  const { data: bucket } = await cx.call('POST', '/connectors', {
    name: 'bucket',
    type: 's3',
    collection: 'c',
    config: { bucket: 'b', region: 'eu-west-1' },
    credentials,
  })
  await expect(readWith(next, bucket.id)).rejects.toThrow('does not have')
  await cx.restart({ CX_ENCRYPTION_KEY: `${next},${old}` })
  expect(await rotateKeys(settings(`${next},${old}`))).toMatchObject({ encrypted: 1 })
  expect(await rotateKeys(settings(`${next},${old}`))).toMatchObject({ encrypted: 0 })
  expect(await readWith(next, bucket.id)).toMatchObject(credentials)
  await expect(readWith(old, bucket.id)).rejects.toThrow('does not have')
})
