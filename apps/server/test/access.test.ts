import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'

describe('who may do what', () => {
  let cx: Running
  const connectors: Record<string, string> = {}
  const keys: Record<string, string> = {}
  const as = (who: string) => ({ key: keys[who]! })

  beforeAll(async () => {
    cx = await start()
    await cx.write('a.txt', 'The narwhal has a tusk.')
    for (const collection of ['red', 'blue']) {
      const made = await cx.call('POST', '/connectors', {
        name: collection,
        type: 'filesystem',
        collection,
        // Nobody in particular may read what is in blue.
        config: { root: cx.folder, access: collection === 'blue' ? 'nobody' : 'anyone' },
      })
      connectors[collection] = made.data.id
      await cx.sync(made.data.id)
    }
    const make = async (name: string, body: object) => {
      keys[name] = (await cx.call('POST', '/api-keys', { name, ...body })).data.key
    }
    await make('viewer', { role: 'viewer' })
    await make('editor', { role: 'editor', scopes: ['search:all'] })
    await make('red', { role: 'editor', collections: ['red'], scopes: ['search:all'] })
    await make('redAdmin', { role: 'admin', collections: ['red'] })
    await make('brief', { role: 'viewer', expiresAt: new Date(Date.now() + 1500).toISOString() })
  })
  afterAll(() => cx?.close())

  test('without a key, with a wrong one and with an expired one: 401', async () => {
    for (const headers of [
      { Authorization: '' },
      { Authorization: 'Bearer nope' },
      { Authorization: `Basic ${cx.key}` },
    ])
      expect(await cx.call('GET', '/connectors', undefined, { headers })).toMatchObject({
        status: 401,
        error: { code: 'unauthorized' },
        meta: { requestId: expect.stringMatching(/^req_/) },
      })
    await expect
      .poll(async () => (await cx.call('GET', '/connectors', undefined, as('brief'))).status, { timeout: 5000 })
      .toBe(401)
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs'])
      expect((await fetch(cx.url + path)).status, path).toBe(200)
    // The examples are for this server.
    expect(await (await fetch(`${cx.url}/docs`)).text()).toContain(`curl '${cx.url}/api/v1/connectors'`)
  })

  test('roles', async () => {
    const root = { root: cx.folder }
    expect((await cx.call('GET', '/connectors', undefined, as('viewer'))).status).toBe(200)
    for (const [method, path, body] of [
      ['POST', '/connectors', { name: 'x', type: 'filesystem', collection: 'red', config: root }],
      ['POST', `/connectors/${connectors.red}/sync`, {}],
      ['PUT', `/connectors/${connectors.red}`, { name: 'x' }],
      ['DELETE', `/connectors/${connectors.red}`, undefined],
      ['POST', '/connectors/test', { type: 'filesystem', config: root }],
    ] as const)
      expect(await cx.call(method, path, body, as('viewer')), path).toMatchObject({
        status: 403,
        error: { code: 'forbidden' },
      })
    expect((await cx.call('POST', `/connectors/${connectors.red}/sync`, {}, as('editor'))).status).toBe(202)
    for (const path of ['/api-keys', '/audit']) {
      expect((await cx.call('GET', path, undefined, as('editor'))).status).toBe(403)
      expect((await cx.call('GET', path, undefined, as('redAdmin'))).status).toBe(403)
    }
  })

  test('a key sees nothing of other collections: 404, not 403', async () => {
    const { data: documents } = await cx.call('GET', `/connectors/${connectors.blue}/documents`)
    const { data: jobs } = await cx.call('GET', `/connectors/${connectors.blue}/sync`)
    expect((await cx.call('GET', '/connectors', undefined, as('red'))).data.map(({ id }) => id)).toEqual([
      connectors.red,
    ])
    expect((await cx.call('GET', '/connectors?collection=blue', undefined, as('red'))).data).toEqual([])
    expect((await cx.call('GET', '/collections', undefined, as('red'))).data.map(({ name }) => name)).toEqual(['red'])
    const blue = `/connectors/${connectors.blue}`
    for (const [method, path, body] of [
      ['GET', blue],
      ['PUT', blue, { name: 'x' }],
      ['DELETE', blue],
      ['POST', `${blue}/sync`, {}],
      ['GET', `${blue}/sync`],
      ['POST', `${blue}/test`, {}],
      ['POST', `${blue}/refresh-permissions`],
      ['GET', `${blue}/files`],
      ['DELETE', `${blue}/files`, { paths: ['a.txt'] }],
      ['GET', `${blue}/browse`],
      ['GET', `${blue}/documents`],
      ['GET', `${blue}/documents/${documents[0]!.id}`],
      ['GET', `${blue}/documents/${documents[0]!.id}/content`],
      ['GET', `${blue}/sync/${jobs[0]!.jobId}`],
      ['POST', `${blue}/sync/${jobs[0]!.jobId}/retry`],
      ['GET', `/connectors/${connectors.red}/documents/${documents[0]!.id}`],
      ['GET', `/connectors/${connectors.red}/sync/${jobs[0]!.jobId}`],
      ['GET', '/collections/blue'],
      ['PUT', '/collections/blue', { description: 'x' }],
      ['DELETE', '/collections/blue'],
      ['POST', '/search', { query: 'narwhal', collections: ['blue'] }],
      ['POST', '/connectors', { name: 'x', type: 'filesystem', collection: 'blue', config: { root: cx.folder } }],
      ['POST', '/connectors', { name: 'x', type: 'filesystem', collection: 'green', config: { root: cx.folder } }],
    ] as const)
      expect(await cx.call(method, path, body, as('red')), `${method} ${path}`).toMatchObject({
        status: 404,
        error: { code: 'not_found' },
      })
    expect((await cx.call('POST', '/collections', { name: 'green' }, as('red'))).status).toBe(403)
    const own = await cx.call('POST', '/search', { query: 'narwhal' }, as('red'))
    expect(own.data.results.map(({ connector }) => connector)).toEqual([connectors.red])
    expect((await cx.call('POST', '/search', { query: 'narwhal' })).data.results).toHaveLength(2)
  })

  test('without search:all a principal must be named', async () => {
    expect(await cx.call('POST', '/search', { query: 'narwhal' }, as('viewer'))).toMatchObject({
      status: 403,
      error: { code: 'forbidden', message: expect.stringContaining('principal') },
    })
    const found = await cx.call('POST', '/search', { query: 'narwhal', principal: 'ann@example.com' }, as('viewer'))
    expect(found.data.results.map(({ connector }) => connector)).toEqual([connectors.red])
    for (const [collection, allowed] of [
      ['red', true],
      ['blue', false],
    ] as const) {
      const base = `/connectors/${connectors[collection]}/documents`
      const path = `${base}/${(await cx.call('GET', base, undefined, as('viewer'))).data[0]!.id}`
      expect((await cx.call('GET', `${path}/chunks`, undefined, as('viewer'))).status).toBe(403)
      expect((await cx.call('GET', `${path}/content`, undefined, as('viewer'))).status).toBe(403)
      const chunks = await cx.call('GET', `${path}/chunks?principal=ann@example.com`, undefined, as('viewer'))
      expect(chunks.status).toBe(allowed ? 200 : 404)
      const access = await cx.call('GET', `${path}/access?principal=ann@example.com`, undefined, as('viewer'))
      expect(access.data).toMatchObject({ allowed, message: expect.stringContaining(allowed ? 'anyone' : 'not known') })
    }
  })

  test('keys are shown once, listed without themselves, and stop working when deleted', async () => {
    const made = await cx.call('POST', '/api-keys', { name: 'short-lived', role: 'viewer' })
    expect(made.data.key).toMatch(/^cx_[\w-]{43}$/)
    const listed = await cx.call('GET', '/api-keys?limit=100')
    expect(JSON.stringify(listed.data)).not.toContain(made.data.key)
    expect((await cx.call('GET', '/connectors', undefined, { key: made.data.key })).status).toBe(200)
    expect((await cx.call('DELETE', `/api-keys/${made.data.id}`)).status).toBe(200)
    expect((await cx.call('GET', '/connectors', undefined, { key: made.data.key })).status).toBe(401)
    const own = listed.data.find(({ name }) => name === 'first start')!
    expect(await cx.call('DELETE', `/api-keys/${own.id}`)).toMatchObject({
      status: 409,
      error: { details: { reason: 'key_in_use' } },
    })
  })

  test('an idempotency key gives the first answer again, without what is shown once', async () => {
    const headers = { 'Idempotency-Key': 'make-violet' }
    const first = await cx.call('POST', '/collections', { name: 'violet' }, { headers })
    const again = await cx.call('POST', '/collections', { name: 'violet' }, { headers })
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.data).toEqual(first.data)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await cx.call('POST', '/collections', { name: 'other' }, { headers })).toMatchObject({
      status: 409,
      error: { details: { reason: 'idempotency_key_reused' } },
    })
    const key = { headers: { 'Idempotency-Key': 'make-key' } }
    const made = await cx.call('POST', '/api-keys', { name: 'k', role: 'viewer' }, key)
    const replayed = await cx.call('POST', '/api-keys', { name: 'k', role: 'viewer' }, key)
    expect(replayed.data.id).toBe(made.data.id)
    expect(replayed.data).not.toHaveProperty('key')
  })
})

describe('limits and settings', () => {
  test('requests are counted per key', async () => {
    const cx = await start({ CX_RATE_LIMIT: '5' })
    try {
      const answers = []
      for (let index = 0; index < 7; index++) answers.push(await cx.call('GET', '/collections'))
      expect(answers[0]!.headers.get('x-ratelimit-limit')).toBe('5')
      expect(answers[0]!.headers.get('x-ratelimit-remaining')).toBe('4')
      expect(Number(answers[0]!.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 5)
      const refused = answers.find(({ status }) => status === 429)!
      expect(refused.error).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: expect.any(Number) })
      expect(refused.headers.get('retry-after')).toBe(String(refused.error.retryAfter))
    } finally {
      await cx.close()
    }
  })

  test('a CX_API_KEY that was replaced stops working', async () => {
    const cx = await start({ CX_API_KEY: 'first-key-of-the-operator' })
    try {
      expect(cx.host.newKey).toBeUndefined()
      expect((await cx.call('GET', '/collections')).status).toBe(200)
      await cx.restart({ CX_API_KEY: 'second-key-of-the-operator' })
      expect((await cx.call('GET', '/collections')).status).toBe(401)
      expect((await cx.call('GET', '/collections', undefined, { key: 'second-key-of-the-operator' })).status).toBe(200)
    } finally {
      await cx.close()
    }
  })
})
