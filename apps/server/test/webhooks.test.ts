import { createHmac } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Running, start } from './harness.ts'
import { type Receiver, startReceiver } from './receiver.ts'

interface Event {
  readonly id: string
  readonly type: string
  readonly data: {
    readonly connectorId: string
    readonly documents?: readonly { readonly path: string }[]
    readonly status?: string
  }
}

describe('webhooks', () => {
  let cx: Running
  let receiver: Receiver
  let hook: Answer['data']
  let connectorId: string
  const told = (): Event[] => receiver.received.map(({ body }) => JSON.parse(body) as Event)
  const deliveries = async (query = '') => (await cx.call('GET', `/webhooks/${hook.id}/deliveries${query}`)).data

  beforeAll(async () => {
    cx = await start({ CX_EGRESS_ALLOW: '127.0.0.0/8' })
    receiver = await startReceiver()
    await cx.write('walrus.md', 'A walrus.')
    await cx.write('heron.md', 'A heron.')
  })
  afterAll(async () => {
    await cx?.close()
    await receiver?.close()
  })

  test('are made with a secret that is shown once', async () => {
    const events = ['sync.completed', 'document.indexed', 'document.deleted', 'connector.created', 'connector.deleted']
    const made = await cx.call('POST', '/webhooks', { url: receiver.url, events })
    expect(made.status).toBe(201)
    hook = made.data
    expect(hook).toMatchObject({ url: receiver.url, events, collections: null, enabled: true, description: '' })
    expect(hook.secret).toMatch(/^whsec_.{40,}$/)
    const shown = [await cx.call('GET', `/webhooks/${hook.id}`), await cx.call('GET', '/webhooks')]
    expect(JSON.stringify(shown)).not.toContain(hook.secret)
    for (const url of ['ftp://x', 'nonsense', 'https://a:b@example.com/'])
      expect((await cx.call('POST', '/webhooks', { url, events })).error.code).toBe('invalid_request')
    expect((await cx.call('POST', '/webhooks', { url: receiver.url, events: ['cake'] })).error.code).toBe(
      'invalid_request',
    )
  })

  test('say how a test went, signed as documented', async () => {
    const { data } = await cx.call('POST', `/webhooks/${hook.id}/test`)
    expect(data).toMatchObject({ success: true, status: 204, latencyMs: expect.any(Number) })
    const { headers, body } = receiver.received[0]!
    const timestamp = headers['x-webhook-timestamp'] as string
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60)
    const hex = createHmac('sha256', hook.secret as string)
      .update(`${timestamp}.${body}`)
      .digest('hex')
    expect(headers['x-webhook-signature']).toBe(`sha256=${hex}`)
    expect(headers['x-webhook-id']).toBe(JSON.parse(body).id)
    expect(JSON.parse(body)).toMatchObject({ id: expect.stringMatching(/^evt_/), type: 'webhook.test' })
    receiver.answer(302, { Location: `${receiver.url}/elsewhere` })
    const failed = await cx.call('POST', `/webhooks/${hook.id}/test`)
    expect(failed.data).toMatchObject({ success: false, status: 302, message: expect.stringContaining('redirect') })
    expect(receiver.received.every(({ path }) => path === '/hook')).toBe(true)
    expect(await deliveries()).toMatchObject([{ status: 'dead', attempts: 1 }, { status: 'delivered' }])
    receiver.answer(204)
    receiver.received.length = 0
  })

  test('tell of a connector, its documents and its sync', async () => {
    const made = await cx.call('POST', '/connectors', {
      name: 'Birds',
      type: 'filesystem',
      collection: 'zoo',
      config: { root: cx.folder },
    })
    connectorId = made.data.id
    expect((await cx.sync(connectorId)).status).toBe('completed')
    // Documents come as they are written: both in one event, or one in each of two.
    const indexed = () => told().filter(({ type }) => type === 'document.indexed')
    const paths = () => indexed().flatMap(({ data }) => data.documents?.map(({ path }) => path) ?? [])
    await expect.poll(() => paths().sort()).toEqual(['heron.md', 'walrus.md'])
    await receiver.count(indexed().length + 2)
    expect(indexed().every(({ data }) => data.connectorId === connectorId)).toBe(true)
    const others = told().filter(({ type }) => type !== 'document.indexed')
    expect(others.map(({ type }) => type).sort()).toEqual(['connector.created', 'sync.completed'])
    expect(JSON.stringify(receiver.received)).not.toContain(cx.folder)
    receiver.received.length = 0
  })

  test('what could not be delivered when the host stopped is sent by the next one', async () => {
    receiver.answer(503)
    await rm(join(cx.folder, 'heron.md'))
    await cx.sync(connectorId)
    await receiver.count(2)
    await cx.restart()
    await cx.host.ready
    const waiting = await deliveries('?status=pending')
    expect(waiting).toHaveLength(2)
    for (const one of waiting) {
      expect(one).toMatchObject({ attempts: 1, lastStatus: 503, completedAt: null })
      const inMs = Date.parse(one.nextAttemptAt as string) - Date.now()
      expect(inMs).toBeGreaterThan(30_000)
      expect(inMs).toBeLessThanOrEqual(60_000)
    }
    expect(
      told()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['document.deleted', 'sync.completed'])
    receiver.answer(200)
    receiver.received.length = 0
  })

  test('a delivery is replayed with its id and body', async () => {
    const [delivered] = await deliveries('?status=delivered')
    const answer = await cx.call('POST', `/webhooks/${hook.id}/deliveries/${delivered!.id}/replay`)
    expect(answer).toMatchObject({ status: 202, data: { id: delivered!.id, status: 'pending', attempts: 0 } })
    await receiver.count(1)
    expect(told()).toEqual([delivered!.payload])
    expect((await cx.call('POST', `/webhooks/${hook.id}/deliveries/evt_nope/replay`)).status).toBe(404)
    receiver.received.length = 0
  })

  test('a changed secret signs what is sent from then on; a disabled webhook is sent nothing', async () => {
    const secret = 'a secret of my own choice'
    const changed = await cx.call('PUT', `/webhooks/${hook.id}`, { secret, description: 'x' })
    expect(changed.data).toMatchObject({ description: 'x', events: hook.events })
    await cx.call('POST', `/webhooks/${hook.id}/test`)
    const { headers, body } = receiver.received[0]!
    const signed = `${headers['x-webhook-timestamp'] as string}.${body}`
    expect(headers['x-webhook-signature']).toBe(`sha256=${createHmac('sha256', secret).update(signed).digest('hex')}`)
    await cx.call('PUT', `/webhooks/${hook.id}`, { enabled: false })
    const before = receiver.received.length
    expect((await cx.call('DELETE', `/connectors/${connectorId}`)).status).toBe(200)
    expect(receiver.received).toHaveLength(before)
  })

  test('a key of one collection sees, makes and changes its own only', async () => {
    const limited = await cx.call('POST', '/api-keys', { name: 'k', role: 'admin', collections: ['zoo'] })
    const as = { key: limited.data.key }
    expect((await cx.call('GET', '/webhooks', undefined, as)).data).toEqual([])
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/test'],
      ['GET', '/deliveries'],
    ] as const)
      expect((await cx.call(method, `/webhooks/${hook.id}${path}`, undefined, as)).status).toBe(404)
    await cx.call('POST', '/collections', { name: 'secret' })
    const body = { url: receiver.url, events: ['connector.created'] }
    expect((await cx.call('POST', '/webhooks', { ...body, collections: ['secret'] }, as)).status).toBe(404)
    const made = await cx.call('POST', '/webhooks', body, as)
    expect(made.data).toMatchObject({ collections: [expect.stringMatching(/^col_/)] })
    expect((await cx.call('GET', '/webhooks', undefined, as)).meta.total).toBe(1)
    expect((await cx.call('DELETE', `/webhooks/${made.data.id}`, undefined, as)).data).toEqual({
      id: made.data.id,
      deleted: true,
    })
    const viewer = await cx.call('POST', '/api-keys', { name: 'v', role: 'editor' })
    expect((await cx.call('GET', '/webhooks', undefined, { key: viewer.data.key })).status).toBe(403)
  })

  test('addresses inside are refused unless the operator allows them', async () => {
    await cx.restart({ CX_EGRESS_ALLOW: '' })
    await cx.host.ready
    const before = receiver.received.length
    for (const url of [receiver.url, 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/']) {
      const made = await cx.call('POST', '/webhooks', { url, events: ['sync.started'] })
      const { data } = await cx.call('POST', `/webhooks/${made.data.id}/test`)
      // What no setting opens is not said to be one's to open.
      const remedy = url.includes('meta-data') ? 'is a metadata service of a cloud.' : 'CX_EGRESS_ALLOW'
      expect(data).toMatchObject({ success: false, status: null, message: expect.stringContaining(remedy) })
    }
    expect(receiver.received).toHaveLength(before)
  })
})
