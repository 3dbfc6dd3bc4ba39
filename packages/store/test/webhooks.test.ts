import type { Outcome, RunKey } from '@cx/core/engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyring, createVault, newId, type Store, type WebhookEvent, webhookEvents } from '../src/index.ts'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
let store: Store
beforeEach(async () => {
  opened = await openTestStore()
  store = opened.store
})
afterEach(() => opened.close())

const sealed = { keyId: 'k', ciphertext: Uint8Array.of(1, 2, 3) }
const listen = (events: readonly WebhookEvent[] = webhookEvents, collections: readonly string[] | null = null) =>
  store.createWebhook(
    { id: newId('wh'), url: 'https://example.com/', description: '', events, collections, enabled: true },
    sealed,
  )

async function run(connectorId: string): Promise<RunKey> {
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const { id, attempt } = (await store.claim('test', 60_000))!
  return { jobId: id, connectorId, attempt }
}

const indexed = (id: string, version = '1'): Outcome => ({
  kind: 'indexed',
  entry: { id, path: id, version },
  fingerprint: 1,
  bytes: 1,
  contentHash: version,
  document: { mimeType: 'text/plain', chunks: [{ text: 'x', overlap: 0, headings: [] }] },
})
const commit = (key: RunKey, outcomes: readonly Outcome[]) =>
  store.commit(key, { generation: null, pipeline: 'p', skipPipeline: 'p', outcomes })
const fanOut = (now = Date.now() + 5_000) => store.fanOut({ now, batchMs: 1_000, batchSize: 100 })
const told = async (webhookId: string) =>
  (await store.deliveries(webhookId, { limit: 100 })).rows
    .map(({ body }) => JSON.parse(body) as { type: string; data: { documents?: { path: string }[]; status?: string } })
    .reverse()

describe('what webhooks are told', () => {
  test('nothing is kept while nobody listens', async () => {
    const { id } = await opened.newConnector()
    await commit(await run(id), [indexed('a')])
    expect(await store.webhookWork(Date.now() + 1e6)).toBe(false)
    expect(await fanOut()).toBe(0)
  })

  test('a whole life, in the order in which it happened', async () => {
    const { id: hook } = await listen()
    const { id } = await opened.newConnector()
    const key = await run(id)
    await commit(key, [indexed('a'), indexed('b')])
    await commit(key, [indexed('a', '2'), indexed('b')])
    await commit(key, [
      {
        kind: 'failed',
        entry: { id: 'c', path: 'c', version: '1' },
        fingerprint: 1,
        stage: 'read',
        code: 'forbidden',
        message: 'No.',
        retryable: true,
        collected: false,
        bytes: 0,
      },
      { kind: 'removed', id: 'b' },
    ])
    await store.finish(key, { status: 'failed', error: { code: 'unavailable', message: 'Gone.' } })
    await store.updateConnector(id, { name: 'other' })
    await store.deleteConnector(id)
    expect(await store.webhookWork(0)).toBe(true)
    await fanOut()
    const events = await told(hook)
    expect(events.map(({ type }) => type)).toEqual([
      'document.indexed',
      'document.updated',
      'document.failed',
      'document.deleted',
      'connector.created',
      'sync.started',
      'sync.failed',
      'connector.error',
      'connector.updated',
      'connector.deleted',
    ])
    expect(events.slice(0, 4).map(({ data }) => data.documents!.map(({ path }) => path))).toEqual([
      ['a', 'b'],
      ['a'],
      ['c'],
      ['b'],
    ])
    expect(events[2]!.data.documents).toMatchObject([{ error: { stage: 'read', code: 'forbidden', message: 'No.' } }])
    expect(events[6]!.data).toMatchObject({
      status: 'failed',
      error: { code: 'unavailable' },
      progress: { indexed: 2 },
    })
  })

  test('documents come in batches of at most a hundred; a batch that is not full waits a second', async () => {
    const { id: hook } = await listen(['document.indexed'])
    const key = await run((await opened.newConnector()).id)
    await commit(
      key,
      Array.from({ length: 250 }, (_, at) => indexed(`d${at}`)),
    )
    // Two full batches, and that the connector was made and the sync begun.
    expect(await fanOut(Date.now())).toBe(4)
    expect(await fanOut(Date.now() + 2_000)).toBe(1)
    expect((await told(hook)).map(({ data }) => data.documents!.length)).toEqual([100, 100, 50])
  })

  test('only those that asked: by event, by collection, while enabled', async () => {
    const { id: elsewhere } = await store.createCollection({ name: 'other', description: '', embedding: null })
    const here = await listen(['connector.created'], [opened.collectionId])
    const there = await listen(['connector.created'], [elsewhere])
    const deaf = await listen(['sync.started'])
    await opened.newConnector()
    await fanOut()
    expect([await told(here.id), await told(there.id), await told(deaf.id)].map((all) => all.length)).toEqual([1, 0, 0])
    expect((await store.webhooks({ limit: 10, collections: [elsewhere] })).rows.map(({ id }) => id)).toEqual([there.id])
    await store.updateWebhook(here.id, { enabled: false })
    expect(
      (await store.claimDeliveries({ now: Date.now() + 9e9, leaseMs: 1, free: {}, perWebhook: 9, limit: 9 })).length,
    ).toBe(0)
  })

  test('a claimed delivery is nobody else’s until the lease is over', async () => {
    const { id: hook } = await listen(['connector.created'])
    await opened.newConnector()
    const now = Date.now() + 5_000
    await fanOut(now)
    const claim = (at: number) => store.claimDeliveries({ now: at, leaseMs: 1_000, free: {}, perWebhook: 2, limit: 5 })
    const [delivery] = await claim(now)
    expect(await claim(now + 999)).toEqual([])
    expect(await claim(now + 1_000)).toHaveLength(1)
    const done = { status: 'dead', nextAttemptAt: null, httpStatus: 500, error: 'x', ms: 1 } as const
    await store.settleDelivery(hook, delivery!.id, done, now)
    expect((await store.deliveries(hook, { limit: 9, status: 'dead' })).rows).toMatchObject([
      { attempts: 1, lastStatus: 500 },
    ])
    expect(await store.replayDelivery(hook, delivery!.id, now)).toMatchObject({ status: 'pending', attempts: 0 })
    expect(await claim(now)).toHaveLength(1)
    await store.settleDelivery(hook, delivery!.id, done, now)
    expect(await store.purgeDeliveries({ delivered: now + 1, dead: now })).toBe(0)
    expect(await store.purgeDeliveries({ delivered: 0, dead: now + 1 })).toBe(1)
  })
})

describe('secrets of webhooks', () => {
  test('are sealed to their webhook, and rotated with all others', async () => {
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const before = createVault({ store, keys: createKeyring([one]) })
    const [hook, other] = await Promise.all([listen(), listen()])
    for (const { id } of [hook, other]) await store.putWebhookSecret(id, before.seal(id, `canary of ${id}`))
    const kept = (await store.webhookSecret(hook.id))!
    expect(Buffer.from(kept.ciphertext).toString('latin1')).not.toContain('canary')
    expect(before.unseal(hook.id, kept)).toBe(`canary of ${hook.id}`)
    expect(() => before.unseal(other.id, kept)).toThrow(/cannot be decrypted/)
    expect(await createVault({ store, keys: createKeyring([two, one]) }).rotate()).toBe(2)
    const after = createVault({ store, keys: createKeyring([two]) })
    expect(after.unseal(hook.id, (await store.webhookSecret(hook.id))!)).toBe(`canary of ${hook.id}`)
    expect(await after.rotate()).toBe(0)
  })
})

describe('what sources tell', () => {
  test('joins what is queued, and beyond ten thousand paths means everything', async () => {
    const { id: connectorId } = await opened.newConnector()
    const tell = (paths: readonly string[] | undefined) =>
      store.enqueue({ connectorId, kind: 'sync', params: { mode: 'auto', origin: 'source', ...(paths && { paths }) } })
    const first = await tell(['a', 'b'])
    const byHand = await store.enqueue({ connectorId, kind: 'sync', params: { mode: 'auto', paths: ['z'] } })
    const second = await tell(['b', 'c'])
    expect(second).toMatchObject({ id: first.id, params: { mode: 'auto', paths: ['a', 'b', 'c'] } })
    expect((await store.job(byHand.id))!.params.paths).toEqual(['z'])
    expect((await tell(Array.from({ length: 10_000 }, (_, at) => `p${at}`))).params).toEqual({ mode: 'auto' })
    expect((await tell(['q'])).id).toBe(first.id)
    expect((await store.jobs({ connectorId, limit: 9 })).total).toBe(2)
    await store.claim('test', 60_000)
    expect((await tell(['later'])).params).toMatchObject({ paths: ['later'] })
  })
})

describe('schedules', () => {
  test('one run each time, however many look; a change in between wins', async () => {
    const { id } = await opened.newConnector({ schedule: '0 3 * * *' })
    const [unplanned] = await store.dueSchedules(0)
    expect(unplanned).toEqual({ id, schedule: '0 3 * * *', timezone: 'UTC', nextSyncAt: null })
    expect(await store.advanceSchedule(unplanned!, { nextSyncAt: 1_000, start: false })).toBe(true)
    expect(await store.dueSchedules(999)).toEqual([])
    const [due] = await store.dueSchedules(1_000)
    const both = await Promise.all([1, 2].map(() => store.advanceSchedule(due!, { nextSyncAt: 2_000, start: true })))
    expect(both.sort()).toEqual([false, true])
    expect((await store.jobs({ connectorId: id, limit: 9 })).total).toBe(1)
    expect((await store.getConnector(id))!.nextSyncAt).toBe(2_000)
    const [again] = await store.dueSchedules(2_000)
    await store.updateConnector(id, { schedule: '0 4 * * *' })
    expect((await store.getConnector(id))!.nextSyncAt).toBeNull()
    expect(await store.advanceSchedule(again!, { nextSyncAt: 3_000, start: true })).toBe(false)
    await store.updateConnector(id, { enabled: false })
    expect(await store.dueSchedules(9e15)).toEqual([])
  })
})
