import { createHmac } from 'node:crypto'
import { ConnectorError } from '@cx/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compose } from '../src/container.ts'
import { viewHook } from '../src/hooks/address.ts'
import { setHookSecret } from '../src/hooks/secret.ts'
import { keepSubscriptions } from '../src/hooks/subscriptions.ts'
import { parts } from '../src/parts.ts'
import type { Services } from '../src/services.ts'
import { readSettings } from '../src/settings.ts'
import { type Club, club, newClub } from './club/state.ts'
import { type Running, start } from './harness.ts'

const anyone = { allOf: [[{ type: 'anyone' }]] } as const
const plugin = new URL('./club/plugin.ts', import.meta.url).href

interface Sent {
  readonly secret?: string
  readonly atMs?: number
  readonly delivery?: string
  readonly headers?: Record<string, string>
  readonly path?: string
}

describe('webhooks of sources', () => {
  let cx: Running
  let id: string
  let secret: string

  const sign = (body: string, time: string, key: string) =>
    `v0=${createHmac('sha256', key).update(`v0:${time}:${body}`).digest('base64')}`
  const send = async (
    message: unknown,
    { secret: key = secret, atMs = Date.now(), delivery, headers, path }: Sent = {},
  ) => {
    const body = JSON.stringify(message)
    const time = String(Math.floor(atMs / 1000))
    const began = performance.now()
    const response = await fetch(`${cx.url}${path ?? '/hooks/'}${id}`, {
      method: 'POST',
      headers: {
        'X-Club-Time': time,
        'X-Club-Signature': sign(body, time, key),
        ...(delivery && { 'X-Club-Delivery': delivery }),
        ...headers,
      },
      body,
    })
    const text = await response.text()
    const took = performance.now() - began
    const parsed = text.startsWith('{') ? JSON.parse(text) : {}
    return { status: response.status, text, took, data: parsed.data, error: parsed.error, headers: response.headers }
  }
  const jobs = async () => (await cx.call('GET', `/connectors/${id}/sync`)).data
  const state = (): Club => club()

  beforeAll(async () => {
    newClub(['a', 'b', 'c'].map((name) => ({ id: name, path: `${name}.txt`, text: `The ${name}.`, acl: anyone })))
    cx = await start({ CX_PLUGINS: `${plugin},@cx/plugin-filesystem` })
    await cx.host.ready
    const made = await cx.call('POST', '/connectors', { name: 'c', type: 'club', collection: 'zoo', config: {} })
    id = made.data.id
    expect(made.data.webhook).toEqual({ url: `/hooks/${id}`, hasSecret: false, subscription: null })
    await cx.sync(id)
  })
  afterAll(() => cx?.close())
  beforeEach(() => {
    state().reads.length = 0
  })

  test('nothing is taken without a secret', async () => {
    for (const key of ['', 'undefined', 'null', 'guess']) {
      const { status, error } = await send({ paths: ['a.txt'] }, { secret: key || ' ' })
      expect([status, error.code]).toEqual([401, 'unauthorized'])
    }
    expect((await send({ challenge: 'x' }, { secret: 'x' })).status).toBe(401)
    expect(await jobs()).toHaveLength(1)
  })

  test('the secret is made here and shown once, or set', async () => {
    const made = await cx.call('POST', `/connectors/${id}/webhook-secret`)
    expect(made.data).toMatchObject({ url: `/hooks/${id}`, webhookSecret: expect.stringMatching(/^\S{43}$/) })
    secret = made.data.webhookSecret as string
    expect((await cx.call('GET', `/connectors/${id}/webhook-secret`)).status).toBe(404)
    const shown = await cx.call('GET', `/connectors/${id}`)
    expect(shown.data.webhook).toMatchObject({ hasSecret: true })
    expect(JSON.stringify(shown)).not.toContain(secret)
    expect((await send({})).status).toBe(202)
    await cx.call('PUT', `/connectors/${id}`, { webhookSecret: 'chosen by the source' })
    expect((await send({})).status).toBe(401)
    secret = 'chosen by the source'
    expect((await send({})).data).toMatchObject({ outcome: 'ignored', reason: 'Nothing of interest.', jobId: null })
    const folder = { name: 'f', type: 'filesystem', collection: 'zoo', config: { root: cx.folder } }
    const wrong = await cx.call('POST', '/connectors', { ...folder, webhookSecret: 'long enough' })
    expect(wrong.error.details).toMatchObject([{ path: '/webhookSecret' }])
  })

  test('what is not signed, signed otherwise, changed, or old is refused', async () => {
    const fiveMinutes = 300_000
    const body = { paths: ['a.txt'] }
    for (const sent of [
      { secret: 'another' },
      { atMs: Date.now() - fiveMinutes - 5_000 },
      { atMs: Date.now() + fiveMinutes + 5_000 },
      { headers: { 'X-Club-Signature': '' } },
      { headers: { 'X-Club-Signature': 'v0=' } },
      { headers: { 'X-Club-Time': 'now' } },
      { headers: { 'X-Club-Time': String(Math.floor(Date.now() / 1000) - 1) } },
      { headers: { 'X-Club-Signature': sign('{}', String(Math.floor(Date.now() / 1000)), secret) } },
    ])
      expect((await send(body, sent)).status).toBe(401)
    expect((await send(body, { atMs: Date.now() - fiveMinutes + 5_000, path: '/api/v1/hooks/' })).status).toBe(202)
    const huge = await send({ paths: ['x'.repeat(1_100_000)] })
    expect(huge.status).toBe(413)
    const nobody = await fetch(`${cx.url}/hooks/conn_nope`, { method: 'POST', body: '{}' })
    expect(nobody.status).toBe(404)
  })

  test('what is named is synced, and nothing else; many deliveries become few syncs', async () => {
    await cx.sync(id)
    const before = (await jobs()).length
    state().reads.length = 0
    for (const [name, entry] of state().entries) state().entries.set(name, { ...entry, version: '2' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => send({ paths: [at % 2 ? 'a.txt' : 'b.txt'] }, { delivery: `d${at}` })),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202))
    expect(Math.max(...answers.map(({ took }) => took))).toBeLessThan(1_000)
    for (const { data } of answers)
      expect(await cx.wait(id, data.jobId)).toMatchObject({ status: 'completed', mode: 'auto' })
    const ran = (await jobs()).length - before
    expect(ran).toBeLessThanOrEqual(3)
    expect([...new Set(state().reads)].sort()).toEqual(['a', 'b'])
    // Each of these jobs was told anew that they changed.
    expect(state().reads.length).toBeLessThanOrEqual(2 * ran)
  })

  test('what a source names is read though its version is the same; a subtree by its versions; what a person deleted stays so', async () => {
    const told = async (paths: readonly string[]) => {
      state().reads.length = 0
      const { data } = await send({ paths })
      const { status, progress } = await cx.wait(id, data.jobId)
      return { status, progress, reads: [...state().reads].sort() }
    }
    const found = async (query: string) =>
      (await cx.call('POST', '/search', { query })).data.results.map(({ path }) => path)
    const add = (name: string, path: string, text: string) => {
      const version = state().entries.get(name)?.version ?? '1'
      state().entries.set(name, { id: name, path, text, version, acl: anyone })
    }
    add('d', 'deep/d.txt', 'The dromedary.')
    await cx.sync(id)
    // As a reply that is edited in a thread whose version counts replies.
    add('a', 'a.txt', 'The axolotl.')
    add('d', 'deep/d.txt', 'The dingo.')
    await cx.sync(id)
    expect(await found('axolotl')).toEqual([])
    expect(await told(['a.txt'])).toMatchObject({
      status: 'completed',
      progress: { listed: 1, indexed: 1 },
      reads: ['a'],
    })
    expect(await found('axolotl')).toEqual(['a.txt'])
    expect(await told(['deep/'])).toMatchObject({ progress: { listed: 1, unchanged: 1 }, reads: [] })
    // Syncs by the clock believe the version again, and keep what was read.
    expect(await cx.sync(id)).toMatchObject({ progress: { listed: 4, unchanged: 4 } })
    expect(await found('axolotl')).toEqual(['a.txt'])

    const { data: documents } = await cx.call('GET', `/connectors/${id}/documents`)
    const { id: documentId } = documents.find(({ path }) => path === 'a.txt')!
    await cx.call('DELETE', `/connectors/${id}/documents/${documentId}`)
    expect(await told(['a.txt'])).toMatchObject({ progress: { listed: 1, skipped: 1 }, reads: [] })
    expect(await found('axolotl')).toEqual([])
    await cx.sync(id, { file_filter: ['a.txt'] })
    expect(await found('axolotl')).toEqual(['a.txt'])
    state().entries.delete('d')
    await cx.sync(id)
  })

  test('a delivery that comes twice is taken once, also by the next process', async () => {
    const first = await send({ paths: ['a.txt'] }, { delivery: 'twice' })
    expect(first.data.outcome).toBe('queued')
    await cx.wait(id, first.data.jobId)
    await cx.restart()
    await cx.host.ready
    const again = await send({ paths: ['a.txt'] }, { delivery: 'twice' })
    expect(again).toMatchObject({ status: 202, data: { outcome: 'duplicate', jobId: null } })
  })

  test('a change that names no path is a whole sync; a paused connector takes nothing', async () => {
    const { data } = await send({ everything: true })
    expect(await cx.wait(id, data.jobId)).toMatchObject({ status: 'completed', progress: { listed: 3 } })
    await cx.call('PUT', `/connectors/${id}`, { enabled: false })
    expect((await send({ everything: true })).data).toMatchObject({
      outcome: 'ignored',
      reason: 'The connector is paused.',
    })
    await cx.call('PUT', `/connectors/${id}`, { enabled: true })
  })

  test('a handshake is answered with what the source expects', async () => {
    const { status, text, headers } = await send({ challenge: 'prove it' })
    expect([status, text]).toEqual([200, 'prove it'])
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a secret that the source hands over is taken when it is waited for, and shown once', async () => {
    const hello = { challenge: 'hello', secret: 'made by the source' }
    expect((await send(hello, { secret: 'x' })).status).toBe(401)
    const waiting = await cx.call('POST', `/connectors/${id}/webhook-secret`, { fromSource: true })
    expect(waiting).toMatchObject({ status: 202, data: { url: `/hooks/${id}` } })
    expect((await send({ paths: ['a.txt'] })).status).toBe(401)
    expect((await send(hello, { secret: 'x' })).text).toBe('hello')
    expect((await send({ ...hello, secret: 'of an intruder' }, { secret: 'x' })).status).toBe(401)
    const shown = await cx.call('GET', `/connectors/${id}/webhook-secret`)
    expect(shown.data).toMatchObject({ webhookSecret: 'made by the source' })
    expect((await cx.call('GET', `/connectors/${id}/webhook-secret`)).status).toBe(404)
    expect((await send({}, { secret: 'made by the source' })).status).toBe(202)
  })
})

describe('subscriptions at sources', () => {
  test('are made where others reach this host, renewed before they end, and made anew under another secret', async () => {
    const state = newClub()
    const hourMs = 3_600_000
    state.subscribed = () => ({ handle: 'h1', expiresAt: Date.now() + 8 * hourMs })
    const cx = await start({ CX_PLUGINS: plugin, CX_PUBLIC_URL: 'https://cx.example.com' })
    await cx.host.stop()
    const services = await servicesOf(cx)
    try {
      const { store } = services
      const collection = await store.createCollection({ name: 'zoo', description: '', embedding: null })
      const { id } = await store.createConnector({
        name: 'c',
        type: 'club',
        collectionId: collection.id,
        config: {},
        enabled: true,
        activated: true,
        schedule: null,
        timezone: 'UTC',
        limits: { maxFileBytes: 1 },
      })
      const look = (now = Date.now()) => keepSubscriptions(services, new AbortController().signal, now)
      await look()
      await look()
      const url = `https://cx.example.com/hooks/${id}`
      expect(state.subscriptions).toEqual([{ kind: 'subscribe', url, secret: expect.stringMatching(/^\S{43}$/) }])
      const { secret } = state.subscriptions[0]!
      await look(Date.now() + 5.9 * hourMs)
      expect(state.subscriptions).toHaveLength(1)
      state.subscribed = () => ({ handle: 'h2' })
      await look(Date.now() + 6.1 * hourMs)
      expect(state.subscriptions.slice(1)).toEqual([{ kind: 'renew', handle: 'h1', url, secret }])
      await look(Date.now() + 1_000 * hourMs)
      expect(state.subscriptions).toHaveLength(2)
      await setHookSecret(services, id, 'another secret')
      state.subscribed = () => {
        throw new Error('No.')
      }
      await look()
      await look()
      expect(state.subscriptions.slice(2)).toEqual([{ kind: 'subscribe', url, secret: 'another secret' }])
      expect(await store.hookSubscription(id)).toMatchObject({ failures: 1, lastError: 'No.', handle: null })
      await look(Date.now() + 61_000)
      expect(state.subscriptions).toHaveLength(4)

      // A reason that lasts: tried again when a person has changed something, or a day later.
      state.subscribed = () => {
        throw new ConnectorError('misconfigured', 'Turn the notifications of the club on.')
      }
      const failedAt = Date.now() + 2 * hourMs
      await look(failedAt)
      expect(state.subscriptions).toHaveLength(5)
      await look(failedAt + 22 * hourMs)
      expect(state.subscriptions).toHaveLength(5)
      expect(await viewHook(services, id, await services.plugins.get('club'))).toMatchObject({
        subscription: { active: false, lastError: 'Turn the notifications of the club on.' },
      })
      await look(failedAt + 24 * hourMs)
      expect(state.subscriptions).toHaveLength(6)
      // Now, as far as the connector's own time goes.
      await look(Date.now())
      expect(state.subscriptions).toHaveLength(6)
      await store.putHookSubscription({ ...(await store.hookSubscription(id))!, dueAt: Date.now() + 24 * hourMs - 50 })
      await store.updateConnector(id, { lastError: null })
      await look(Date.now() + 1)
      expect(state.subscriptions).toHaveLength(7)
    } finally {
      await services.close()
      await cx.close()
    }
  })
})

/** The parts of a host that does not run. */
async function servicesOf(cx: Running): Promise<Services & { close(): Promise<void> }> {
  const env = {
    CX_DATA_DIR: `${cx.folder}/../data`,
    CX_PLUGINS: plugin,
    CX_PUBLIC_URL: 'https://cx.example.com',
    CX_LOG_LEVEL: 'silent',
  }
  const injector = compose(readSettings(env), { ready: () => true })
  const services = await injector.get(parts.services)
  return {
    ...services,
    close: async () => {
      await services.egress.close()
      await services.store.close()
    },
  }
}
