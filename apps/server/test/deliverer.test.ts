import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyring, createVault, newId, openSqliteStore, type Store, type WebhookDelivery } from '@cx/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../src/log.ts'
import { Deliverer } from '../src/webhooks/deliverer.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const minute = 60_000

describe('deliveries', () => {
  let folder: string
  let store: Store
  let receiver: Receiver
  let now: number
  let deliverer: Deliverer
  const keys = createKeyring([Buffer.alloc(32, 7)])
  const open = async (fetch: typeof globalThis.fetch = globalThis.fetch) => {
    store = await openSqliteStore({ file: join(folder, 'cx.db') })
    const vault = createVault({ store, keys })
    deliverer = new Deliverer({ store, vault, fetch, clock: { now: () => now }, log: createLog('silent') })
    return vault
  }
  const restart = async (fetch?: typeof globalThis.fetch) => {
    await deliverer.stop()
    await store.close()
    await open(fetch)
  }
  const listen = async (url = receiver.url) => {
    const vault = createVault({ store, keys })
    const id = newId('wh')
    const about = { url, description: '', events: ['connector.created'] as const, collections: null, enabled: true }
    await store.createWebhook({ id, ...about }, vault.seal(id, 'secret'))
    return id
  }
  const happen = async (times = 1) => {
    const collection =
      (await store.collection('c')) ?? (await store.createCollection({ name: 'c', description: '', embedding: null }))
    for (let at = 0; at < times; at++)
      await store.createConnector({
        name: `n${at}`,
        type: 'filesystem',
        collectionId: collection.id,
        config: {},
        enabled: true,
        activated: true,
        schedule: null,
        timezone: 'UTC',
        limits: { maxFileBytes: 1 },
      })
  }
  const only = async (webhookId: string): Promise<WebhookDelivery> =>
    (await store.deliveries(webhookId, { limit: 10 })).rows[0]!

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cx-deliveries-'))
    receiver = await startReceiver()
    now = Date.now() + minute
    await open()
  })
  afterEach(async () => {
    await deliverer.stop()
    await store.close()
    await receiver.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('are tried at 0 s, 1 min, 5 min, 30 min and 2 h, through restarts, then dead; a replay begins again', async () => {
    const hook = await listen()
    await happen()
    receiver.answer(500)
    let sent = 0
    for (const [at, wait] of [0, 1 * minute, 5 * minute, 30 * minute, 120 * minute].entries()) {
      // Not a millisecond too early.
      if (wait > 0) {
        now += wait - 1
        await deliverer.drain()
        expect(receiver.received).toHaveLength(sent)
        now += 1
      }
      if (at % 2 === 1) await restart()
      await deliverer.drain()
      expect(receiver.received).toHaveLength(++sent)
      expect(await only(hook)).toMatchObject({
        attempts: at + 1,
        status: at === 4 ? 'dead' : 'pending',
        lastStatus: 500,
      })
    }
    now += 1e9
    await deliverer.drain()
    expect(receiver.received).toHaveLength(5)
    const { id, body } = await only(hook)
    expect(new Set(receiver.received.map((one) => one.headers['x-webhook-id']))).toEqual(new Set([id]))
    expect(new Set(receiver.received.map((one) => one.body))).toEqual(new Set([body]))
    expect(new Set(receiver.received.map((one) => one.headers['x-webhook-signature'])).size).toBe(5)
    receiver.answer(200)
    await store.replayDelivery(hook, id, now)
    await deliverer.drain()
    expect(await only(hook)).toMatchObject({ status: 'delivered', attempts: 1, nextAttemptAt: null, lastError: null })
  })

  test('what was under way when the process died is sent by the next one, once the lease is over', async () => {
    const hook = await listen()
    await happen()
    let asked = () => {}
    const begun = new Promise<void>((resolve) => {
      asked = resolve
    })
    const hangs: typeof globalThis.fetch = (_, init) => {
      asked()
      return new Promise((_, reject) => init!.signal!.addEventListener('abort', () => reject(new Error('gone'))))
    }
    await restart(hangs)
    deliverer.wake()
    await begun
    await restart()
    await deliverer.drain()
    expect(receiver.received).toHaveLength(0)
    now += 30_000
    await deliverer.drain()
    expect(receiver.received).toHaveLength(1)
    expect(await only(hook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  test('a receiver that hangs takes four connections, and the others are served', async () => {
    const stuck = await listen('http://127.0.0.1:1/stuck')
    const fine = await listen()
    await happen(12)
    let hanging = 0
    const release: (() => void)[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (!String(input).endsWith('/stuck')) return globalThis.fetch(input, init)
      hanging++
      await new Promise<void>((resolve) => release.push(resolve))
      return new Response(null, { status: 204 })
    }
    await restart(fetch)
    deliverer.wake()
    await receiver.count(12)
    expect(hanging).toBe(4)
    expect((await store.deliveries(stuck, { limit: 20, status: 'pending' })).total).toBe(12)
    while (hanging < 12 || release.length > 0) {
      release.splice(0).forEach((go) => void go())
      await new Promise((resolve) => setImmediate(resolve))
    }
    await deliverer.drain()
    expect((await store.deliveries(stuck, { limit: 20, status: 'delivered' })).total).toBe(12)
    expect((await store.deliveries(fine, { limit: 20, status: 'delivered' })).total).toBe(12)
  })

  test('errors say what went wrong', async () => {
    const hook = await listen('http://127.0.0.1:1/')
    await happen()
    await deliverer.drain()
    expect(await only(hook)).toMatchObject({
      lastStatus: null,
      lastError: expect.stringMatching(/ECONNREFUSED|bad port/),
    })
  })
})
