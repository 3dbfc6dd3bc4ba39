import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addKey, createKeyring, createVault, newId, openKeyring } from '../src/index.ts'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
let folder: string
beforeAll(async () => {
  opened = await openTestStore()
  folder = await mkdtemp(join(tmpdir(), 'cx-vault-'))
})
afterAll(async () => {
  await opened.close()
  await rm(folder, { recursive: true, force: true })
})

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const

describe('vault', () => {
  test('credentials come back as they were; rows show a hint and no secret', async () => {
    const { store } = opened
    const vault = createVault({ store, keys: createKeyring([one]) })
    const { id } = await opened.newConnector()
    expect(await vault.credentials(id)).toBeUndefined()
    const credentials = {
      method: 'keys',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secret: 'canary',
      nested: { a: 'canary' },
    }
    await vault.save(id, credentials)
    expect(await vault.credentials(id)).toEqual(credentials)
    expect((await store.getConnector(id))?.credentials).toEqual({
      method: 'keys',
      hints: { accessKeyId: '••••MPLE', secret: '••••', nested: '••••' },
    })
    const db = new Database(opened.file, { readonly: true })
    const rows = JSON.stringify(db.prepare('SELECT *, CAST(ciphertext AS TEXT) FROM secrets, connectors').all())
    db.close()
    expect(rows).not.toContain('canary')
    expect(rows).not.toContain('AKIAIOS')
    await vault.forget(id)
    expect(await vault.credentials(id)).toBeUndefined()
    expect((await store.getConnector(id))?.credentials).toBeNull()
  })

  test('a row that was changed or put in another place does not open', async () => {
    const { store } = opened
    const vault = createVault({ store, keys: createKeyring([one]) })
    const [a, b] = [(await opened.newConnector()).id, (await opened.newConnector()).id]
    await vault.put(a, 'hook', 'secret')
    const row = (await store.secret(a, 'hook'))!
    await store.putSecret({ ...row, connectorId: b })
    await expect(vault.get(b, 'hook')).rejects.toMatchObject({ name: 'VaultError', code: 'corrupt' })
    await store.putSecret({ ...row, name: 'other' })
    await expect(vault.get(a, 'other')).rejects.toMatchObject({ code: 'corrupt' })
    for (const i of [0, 5, 20, row.ciphertext.length - 1]) {
      const changed = row.ciphertext.with(i, (row.ciphertext[i] ?? 0) ^ 1)
      await store.putSecret({ ...row, ciphertext: changed })
      await expect(vault.get(a, 'hook')).rejects.toMatchObject({ code: 'corrupt' })
    }
    await expect(createVault({ store, keys: createKeyring([two]) }).get(a, 'hook')).rejects.toThrow('does not have')
    await vault.forget(a)
    await vault.forget(b)
  })

  test('rotation reaches every row, spares what was replaced meanwhile, and lets the old key go', async () => {
    const { store } = opened
    const before = createVault({ store, keys: createKeyring([one]) })
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      ids.push((await opened.newConnector()).id)
      await before.save(ids[i]!, { method: 'm', n: i })
    }
    const both = createKeyring([two, one])
    const stale = (await store.secret(ids[0]!, 'credentials'))!
    const between = createVault({ store, keys: both })
    await between.save(ids[0]!, { method: 'm', n: 'newer' })
    expect(await store.replaceSecret(stale, stale.ciphertext)).toBe(false)
    expect(await between.rotate()).toBe(4)
    expect(await between.rotate()).toBe(0)
    const after = createVault({ store, keys: createKeyring([two]) })
    expect(await after.credentials(ids[0]!)).toEqual({ method: 'm', n: 'newer' })
    expect(await after.credentials(ids[4]!)).toEqual({ method: 'm', n: 4 })
  })

  test('a refresh happens once for all who ask, and is stored before it is used', async () => {
    const { store } = opened
    const { id } = await opened.newConnector()
    const keys = createKeyring([one])
    const plain = createVault({ store, keys })
    await plain.save(id, { method: 'oauth', token: 'old' })
    const calls: boolean[] = []
    const vault = createVault({
      store,
      keys,
      refresh: async (_, credentials, { force }) => {
        calls.push(force)
        await new Promise(setImmediate)
        return force ? { ...credentials, token: 'new' } : undefined
      },
    })
    expect(await vault.credentials(id)).toMatchObject({ token: 'old' })
    const answers = await Promise.all([1, 2, 3].map(() => vault.credentials(id, { refresh: true })))
    expect(answers.map((answer) => answer?.token)).toEqual(['new', 'new', 'new'])
    expect(calls).toEqual([false, true])
    expect(await plain.credentials(id)).toMatchObject({ token: 'new' })
  })
})

describe('keyring', () => {
  test('the first start makes a key that only its owner reads; all who start at once have the same', async () => {
    const file = join(folder, 'new', 'keys.json')
    const rings = await Promise.all([1, 2, 3].map(() => openKeyring({ file })))
    expect(new Set(rings.map((ring) => ring.current)).size).toBe(1)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const added = await addKey(file)
    expect(added.current).not.toBe(rings[0]?.current)
    expect(added.key(rings[0]!.current)).toEqual(rings[0]!.key(rings[0]!.current))
    expect((await openKeyring({ file })).current).toBe(added.current)
    expect(JSON.parse(await readFile(file, 'utf8')).keys).toHaveLength(2)
  })

  test('a key from the settings comes first and makes no file; a bad one is explained', async () => {
    const file = join(folder, 'none.json')
    const ring = await openKeyring({ file, keys: [Buffer.from(one).toString('base64')] })
    expect(ring.key(ring.current)).toEqual(one)
    await expect(stat(file)).rejects.toThrow()
    await expect(openKeyring({ file, keys: ['c2hvcnQ='] })).rejects.toThrow('32 bytes')
  })
})

test('ids are unique and sort in the order they were made', () => {
  const ids = Array.from({ length: 20_000 }, () => newId('doc'))
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
  expect(ids[0]).toMatch(/^doc_[0-9a-hjkmnp-tv-z]{26}$/)
})
