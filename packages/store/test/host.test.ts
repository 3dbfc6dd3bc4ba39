import { join } from 'node:path'
import type { Outcome, RunKey } from '@cx/core/engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqliteStore, type Page, type PageRequest, type Store } from '../src/index.ts'
import { Connection } from '../src/sqlite/connection.ts'
import { migrate, migrations } from '../src/sqlite/migrations.ts'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
let store: Store
beforeAll(async () => {
  opened = await openTestStore()
  store = opened.store
})
afterAll(() => opened.close())

async function start(connectorId: string): Promise<RunKey> {
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  return { jobId: job.id, connectorId, attempt: job.attempt }
}

async function allPages<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = []
  for (let after: string | undefined; ; ) {
    const page = await list({ limit: 3, ...(after === undefined ? {} : { after }) })
    rows.push(...page.rows)
    if (page.next === undefined) return rows
    after = page.next
  }
}

const versions = { pipeline: 'p', skipPipeline: 'p' }
function failure(id: string): Outcome {
  return {
    kind: 'failed',
    entry: { id, path: id, version: '1' },
    fingerprint: 1,
    stage: 'parse',
    code: 'crashed',
    message: 'It died.',
    retryable: true,
    collected: true,
    bytes: 1,
  }
}

describe('collections and connectors', () => {
  test('collections: names are taken once, counts are kept, those in use stay', async () => {
    const made = await store.createCollection({ name: 'papers', description: 'x', embedding: null })
    await expect(store.createCollection({ name: 'papers', description: '', embedding: null })).rejects.toMatchObject({
      code: 'conflict',
    })
    await store.updateCollection(made.id, { name: 'sheets', embedding: { baseUrl: 'u', model: 'm', dimensions: 3 } })
    expect(await store.collection('papers')).toBeUndefined()
    expect(await store.collection('sheets')).toMatchObject({ id: made.id, embedding: { dimensions: 3 }, connectors: 0 })
    const { id } = await opened.newConnector({ collectionId: made.id })
    const run = await start(id)
    const entry = { id: 'a', path: 'a', version: '1' }
    const document = { mimeType: 'text/plain', chunks: ['x', 'y'].map((text) => ({ text, overlap: 0, headings: [] })) }
    await store.commit(run, {
      generation: null,
      outcomes: [{ kind: 'indexed', entry, fingerprint: 1, bytes: 1, contentHash: '', document }],
      ...versions,
    })
    expect(await store.collection(made.id)).toMatchObject({ connectors: 1, documents: 1, chunks: 2 })
    expect(await store.deleteCollection(made.id)).toBe(false)
    await store.deleteConnector(id)
    expect(await store.collection(made.id)).toMatchObject({ connectors: 0, documents: 0, chunks: 0 })
    while (!(await store.purgeConnector(id, 10)));
    expect(await store.deleteCollection(made.id)).toBe(true)
    expect((await store.collections({ limit: 10, ids: [opened.collectionId] })).rows).toHaveLength(1)
  })

  test('connectors: created, patched, filtered by derived status, paged in both ways', async () => {
    const type = 'paged'
    const ids: string[] = []
    for (let i = 0; i < 8; i++) ids.push((await opened.newConnector({ type, name: `n${i}` })).id)
    await store.updateConnector(ids[0]!, { activated: false, enabled: false })
    await store.updateConnector(ids[1]!, { enabled: false, lastError: { code: 'x', message: 'y', at: 1 } })
    await store.updateConnector(ids[2]!, { lastError: { code: 'x', message: 'y', at: 1 }, config: { a: [1] } })
    const of = async (status: 'active' | 'paused' | 'error' | 'inactive') =>
      (await store.connectors({ limit: 100, type, status })).rows.map((row) => row.id)
    expect([await of('inactive'), await of('paused'), await of('error')]).toEqual([[ids[0]], [ids[1]], [ids[2]]])
    expect(await of('active')).toEqual(ids.slice(3))
    expect(await store.getConnector(ids[2]!)).toMatchObject({ config: { a: [1] }, lastError: { at: 1 }, name: 'n2' })
    expect((await allPages((page) => store.connectors({ ...page, type }))).map((row) => row.id)).toEqual(ids)
    expect(await store.connectors({ limit: 3, offset: 6, type })).toMatchObject({
      total: 8,
      rows: [{ name: 'n6' }, {}],
    })
    expect((await store.connectors({ limit: 9, type, collectionIds: [] })).total).toBe(0)
    expect(await store.updateConnector('conn_none', { name: 'x' })).toBeUndefined()
    expect(await store.pinTenant(ids[3]!, 'one')).toBe('one')
    expect(await store.pinTenant(ids[3]!, 'two')).toBe('one')
    await expect(opened.newConnector({ collectionId: 'col_none' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('jobs', () => {
  test('events: failures in order, the latest progress, the end; a reader goes on where it was', async () => {
    const { id } = await opened.newConnector()
    const run = await start(id)
    const begun = await store.jobEvents(run.jobId, 0, 10)
    expect(begun).toMatchObject([{ type: 'progress', data: { status: 'running' } }])
    await store.commit(run, { generation: null, outcomes: [failure('a'), failure('b')], ...versions })
    const events = await store.jobEvents(run.jobId, begun[0]!.seq, 10)
    expect(events).toMatchObject([
      { type: 'failure', data: { path: 'a', stage: 'parse', code: 'crashed', retryable: true } },
      { type: 'failure', data: { path: 'b' } },
      { type: 'progress', data: { progress: { listed: 2, failed: 2 } } },
    ])
    expect(await store.jobEvents(run.jobId, begun[0]!.seq, 1)).toEqual(events.slice(0, 1))
    expect(await store.jobEvents(run.jobId, events[2]!.seq, 10)).toEqual([])
    await store.finish(run, { status: 'failed', error: { code: 'unauthenticated', message: 'Reconnect.' } })
    const end = await store.jobEvents(run.jobId, events[2]!.seq, 10)
    expect(end.map((event) => event.type)).toEqual(['progress', 'end'])
    expect(end[1]?.data).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    const seqs = [...begun, ...events, ...end].map((event) => event.seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    expect((await store.failures(run.jobId, { limit: 1 })).total).toBe(2)
    expect((await allPages((page) => store.failures(run.jobId, page))).map((row) => row.error?.code)).toEqual([
      'crashed',
      'crashed',
    ])
    expect((await store.getConnector(id))?.lastSync).toMatchObject({ jobId: run.jobId, status: 'failed' })
  })

  test('a second crash at the same version is quarantined, a first at another is not', async () => {
    const { id } = await opened.newConnector()
    for (const [version, code, attempts] of [
      ['1', 'crashed', 1],
      ['1', 'quarantined', 2],
      ['2', 'crashed', 1],
    ] as const) {
      const run = await start(id)
      const outcome = failure('a') as Extract<Outcome, { kind: 'failed' }>
      const outcomes = [{ ...outcome, entry: { ...outcome.entry, version } }]
      await store.commit(run, { generation: null, outcomes, ...versions })
      await store.finish(run, { status: 'partial' })
      expect((await store.documentByPath(id, 'a'))?.error).toMatchObject({ code, attempts })
    }
    expect(await store.jobs({ connectorId: id, limit: 2 })).toMatchObject({ total: 3, rows: [{}, {}] })
    expect(await allPages((page) => store.jobs({ ...page, connectorId: id, status: 'partial' }))).toHaveLength(3)
  })
})

describe('keys, answers, audit', () => {
  test('keys are found by their hash alone', async () => {
    const key = {
      name: 'ci',
      role: 'viewer',
      collections: ['col_x'],
      scopes: ['search'],
      expiresAt: 5,
      hint: 'cx_ab',
    } as const
    const made = await store.createApiKey({ ...key, hash: 'SHA256-OF-IT' })
    expect(await store.apiKeyByHash('SHA256-OF-IT')).toEqual(made)
    await store.touchApiKey(made.id, 77)
    expect((await store.apiKeys({ limit: 5 })).rows).toEqual([{ ...made, lastUsedAt: 77 }])
    expect(JSON.stringify(await store.apiKeys({ limit: 5 }))).not.toContain('SHA256-OF-IT')
    expect(await store.deleteApiKey(made.id)).toBe(true)
    expect(await store.apiKeyByHash('SHA256-OF-IT')).toBeUndefined()
  })

  test('an answer is given once, remembered, and forgotten in time', async () => {
    expect(await store.idempotent('k', 'r', 60_000)).toEqual({ state: 'new' })
    expect(await store.idempotent('k', 'r', 60_000)).toEqual({ state: 'pending' })
    expect(await store.idempotent('k', 'other', 60_000)).toEqual({ state: 'mismatch' })
    await store.rememberAnswer('k', 201, { id: 1 })
    expect(await store.idempotent('k', 'r', 60_000)).toEqual({ state: 'done', status: 201, body: { id: 1 } })
    await store.forgetAnswer('k')
    expect(await store.idempotent('k', 'r', -1)).toEqual({ state: 'new' })
    expect(await store.idempotent('k', 'r', 60_000)).toEqual({ state: 'new' })
  })

  test('the audit log, newest first', async () => {
    for (const action of ['a', 'b', 'c', 'd'])
      await store.audit({ actor: 'key_1', action, target: 'conn_1', details: { action } })
    expect((await allPages((page) => store.auditLog(page))).map((event) => event.action)).toEqual(['d', 'c', 'b', 'a'])
  })
})

describe('the database', () => {
  test('documents are paged by cursor in the order they came', async () => {
    const { id } = await opened.newConnector()
    const run = await start(id)
    await store.commit(run, { generation: null, outcomes: [...'abcdefgh'].map(failure), ...versions })
    const paths = (await allPages((page) => store.documents({ connectorId: id, status: 'failed' }, page))).map(
      (row) => row.entry.path,
    )
    expect(paths.join('')).toBe('abcdefgh')
    expect(await store.documents({ connectorId: id, path: 'c' }, { limit: 5 })).toMatchObject({ total: 1 })
  })

  test('a copy made while it is written is whole, and opens', async () => {
    const { id } = await opened.newConnector()
    const run = await start(id)
    const file = join(opened.file, '..', 'copies', 'copy.db')
    const other = await openSqliteStore({ file: `${file}.first` })
    await other.close()
    const copying = store.backup(file)
    for (let i = 0; i < 20; i++)
      await store.commit(run, { generation: null, outcomes: [failure(`x${i}`)], ...versions })
    await copying
    const copy = await openSqliteStore({ file })
    expect(await copy.getConnector(id)).toMatchObject({ id })
    await copy.ping()
    await copy.close()
    await expect(copy.createApiKey({} as never)).rejects.toMatchObject({ code: 'closed' })
  })

  test('a newer database is refused, a failed migration leaves nothing behind', async () => {
    const file = join(opened.file, '..', 'migrations.db')
    const db = new Connection({ file })
    migrate(db)
    expect(() =>
      migrate(db, [...migrations, 'CREATE TABLE half (no INTEGER); CREATE TABLE half (no INTEGER)']),
    ).toThrow('already exists')
    expect(db.all(`SELECT 1 FROM sqlite_master WHERE name = 'half'`)).toEqual([])
    migrate(db, [...migrations, 'CREATE TABLE next (no INTEGER)'])
    expect(db.raw.pragma('user_version', { simple: true })).toBe(migrations.length + 1)
    db.close()
    await expect(openSqliteStore({ file })).rejects.toThrow('Start the newer cx')
  })
})
