import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectorError } from '@cx/core'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addKey, createKeyring, createVault, newId, openKeyring, type Refresher } from '../src/index.ts'
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

  test('a value that is lent can be taken once, by its token, until it expires', async () => {
    const { store } = opened
    const vault = createVault({ store, keys: createKeyring([one]) })
    await vault.lend('token-canary', { verifier: 'verifier-canary' }, Date.now() + 60_000)
    await vault.lend('late', 1, Date.now() - 1)
    const db = new Database(opened.file, { readonly: true })
    const rows = JSON.stringify(db.prepare('SELECT *, CAST(ciphertext AS TEXT) FROM tickets').all())
    db.close()
    expect(rows).not.toContain('canary')
    expect(await vault.redeem('other')).toBeUndefined()
    expect(await Promise.all([1, 2, 3].map(() => vault.redeem('token-canary')))).toEqual(
      expect.arrayContaining([{ verifier: 'verifier-canary' }, undefined, undefined]),
    )
    expect(await vault.redeem('late')).toBeUndefined()
  })
})

describe('renewal', () => {
  interface Provider {
    readonly refresher: Refresher
    readonly calls: string[]
    /** What the next refresh waits for, and may fail with. */
    gate: Promise<void>
  }
  /** Tokens are `<n>`, `<n> due` or `<n> expired`; whoever comes with an old one is refused for good. */
  const provider = (): Provider => {
    let issued = 0
    const made: Provider = {
      calls: [],
      gate: Promise.resolve(),
      refresher: {
        freshness: ({ token }, { refused }) =>
          refused || String(token).endsWith('expired') ? 'expired' : String(token).endsWith('due') ? 'due' : 'fresh',
        async refresh(_, { token }) {
          made.calls.push(String(token))
          await made.gate
          if (Number.parseInt(String(token), 10) !== issued) throw new ConnectorError('unauthenticated', 'Used twice.')
          return { method: 'oauth', token: String(++issued), secret: 'kept back' }
        },
        present: ({ method, token }) => ({ method: method!, token: token! }),
      },
    }
    return made
  }
  const keys = createKeyring([one])
  const held = (id: string) => createVault({ store: opened.store, keys }).credentials(id)

  test('one renewal for all who ask, in several processes; stored before it is used', async () => {
    const { store } = opened
    const { id } = await opened.newConnector()
    const { refresher, calls } = provider()
    const vaults = [1, 2, 3].map(() => createVault({ store, keys, refresher }))
    await vaults[0]!.save(id, { method: 'oauth', token: '0 expired' })
    const answers = await Promise.all([...vaults, ...vaults].map((vault) => vault.credentials(id)))
    expect(answers).toEqual(answers.map(() => ({ method: 'oauth', token: '1' })))
    expect(calls).toEqual(['0 expired'])
    expect(await held(id)).toMatchObject({ token: '1', secret: 'kept back' })
    expect(await vaults[1]!.credentials(id, { refresh: true })).toMatchObject({ token: '2' })
  })

  test('credentials that are still good are used while a renewal fails or another process is at it', async () => {
    const { store } = opened
    const { id } = await opened.newConnector()
    const { refresher, calls } = provider()
    const vault = createVault({
      store,
      keys,
      refresher: { ...refresher, refresh: () => Promise.reject(new ConnectorError('unavailable', 'Down.')) },
    })
    await vault.save(id, { method: 'oauth', token: '0 due' })
    expect(await vault.credentials(id)).toMatchObject({ token: '0 due' })
    await expect(vault.credentials(id, { refresh: true })).rejects.toThrow('Down.')
    await store.acquireLease(`refresh/${id}`, 'another process', 60_000)
    const waiting = createVault({ store, keys, refresher })
    expect(await waiting.credentials(id)).toMatchObject({ token: '0 due' })
    expect(calls).toEqual([])
    await store.releaseLease(`refresh/${id}`, 'another process')
    expect(await waiting.credentials(id)).toMatchObject({ token: '1' })
  })

  test('what changes meanwhile: keys are rotated, a person gives new credentials, the connector goes', async () => {
    const { store } = opened
    const source = provider()
    const vault = createVault({ store, keys: createKeyring([two, one]), refresher: source.refresher })
    const begin = async () => {
      const { id } = await opened.newConnector()
      await createVault({ store, keys }).save(id, { method: 'oauth', token: `${source.calls.length} expired` })
      const gate = Promise.withResolvers<void>()
      source.gate = gate.promise
      const before = source.calls.length
      const renewal = vault.credentials(id)
      await expect.poll(() => source.calls.length).toBe(before + 1)
      return { id, renewal, go: gate.resolve }
    }
    const rotated = await begin()
    expect(await vault.rotate()).toBeGreaterThan(0)
    rotated.go()
    expect(await rotated.renewal).toMatchObject({ token: '1' })
    expect(await vault.get(rotated.id, 'credentials')).toMatchObject({ token: '1' })

    const replaced = await begin()
    await vault.save(replaced.id, { method: 'oauth', token: '7' })
    replaced.go()
    expect(await replaced.renewal).toMatchObject({ token: '7' })
    expect(await vault.get(replaced.id, 'credentials')).toMatchObject({ token: '7' })

    const deleted = await begin()
    await store.deleteConnector(deleted.id)
    deleted.go()
    expect(await deleted.renewal).toBeUndefined()
  })

  test('a process that died while it renewed holds the others up until its lease runs out, not longer', async () => {
    const { store } = opened
    const { id } = await opened.newConnector()
    const { refresher, calls } = provider()
    const vault = createVault({ store, keys, refresher })
    await vault.save(id, { method: 'oauth', token: '0 expired' })
    await store.acquireLease(`refresh/${id}`, 'dead', 300)
    const began = Date.now()
    expect(await vault.credentials(id)).toMatchObject({ token: '1' })
    expect(Date.now() - began).toBeGreaterThanOrEqual(250)
    expect(calls).toHaveLength(1)
  })

  test('a lease has one owner, until it is released or runs out', async () => {
    const { store } = opened
    expect(await Promise.all(['a', 'b', 'c'].map((owner) => store.acquireLease('l', owner, 60_000)))).toEqual([
      true,
      false,
      false,
    ])
    expect(await store.acquireLease('l', 'a', -1)).toBe(true)
    expect(await store.acquireLease('l', 'b', 60_000)).toBe(true)
    await store.releaseLease('l', 'a')
    expect(await store.acquireLease('l', 'a', 60_000)).toBe(false)
    await store.releaseLease('l', 'b')
    expect(await store.acquireLease('l', 'a', 60_000)).toBe(true)
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

  test('a ring follows its file: it reads with a new key at once, and soon writes with it', async () => {
    const file = join(folder, 'followed.json')
    const ring = await openKeyring({ file })
    const first = ring.current
    const added = await addKey(file)
    expect(ring.key(added.current)).toEqual(added.key(added.current))
    await expect.poll(() => ring.current).toBe(added.current)
    await rm(file)
    expect(ring.key(first)).toHaveLength(32)
    expect(() => ring.key('0'.repeat(12))).toThrow('does not have')
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
