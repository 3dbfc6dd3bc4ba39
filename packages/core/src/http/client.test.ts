import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../engine/clock.ts'
import { createFetch } from '../engine/fetch.ts'
import { Limiter } from '../engine/limiter.ts'
import { createHttp } from './client.ts'
import { mapConcurrently, pages } from './pages.ts'

const servers: (() => void)[] = []
afterEach(() => {
  for (const close of servers.splice(0)) close()
})

type Answer = { status?: number; headers?: Record<string, string>; body?: unknown }
async function serve(answer: (request: { url: string; method: string; headers: Record<string, unknown> }) => Answer) {
  const server = createServer((request, response) => {
    const {
      status = 200,
      headers = {},
      body,
    } = answer({ url: request.url!, method: request.method!, headers: request.headers })
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const signal = new AbortController().signal

test('joins paths to the base, repeats array parameters, leaves out what is undefined', async () => {
  let seen = ''
  const baseUrl = await serve(({ url }) => {
    seen = url
    return { body: { ok: true } }
  })
  const http = createHttp({ fetch, baseUrl: `${baseUrl}/api`, vendor: 'Acme' })
  await http.json('/things', { signal, query: { a: 1, b: ['x', 'y'], c: undefined } })
  expect(seen).toBe('/api/things?a=1&b=x&b=y')
})

test.each([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [429, 'rate_limited'],
  [400, 'misconfigured'],
  [503, 'unavailable'],
])('%i means %s, with the vendor’s sentence', async (status, code) => {
  const baseUrl = await serve(() => ({
    status,
    headers: { 'retry-after': '7' },
    body: { error: { message: 'No such thing.' } },
  }))
  const http = createHttp({ fetch, baseUrl, vendor: 'Acme' })
  const error = await http.json('x', { signal }).catch((e: unknown) => e)
  expect(error).toMatchObject({ code, message: `Acme answered ${status}: No such thing.` })
  if (code === 'rate_limited' || code === 'unavailable') expect(error).toMatchObject({ retryAfterMs: 7_000 })
})

test('a 401 asks once for fresh credentials', async () => {
  const baseUrl = await serve(({ headers }) =>
    headers.authorization === 'Bearer new' ? { body: { in: true } } : { status: 401 },
  )
  const asked: boolean[] = []
  const authorize = async (refused: boolean) => {
    asked.push(refused)
    return { authorization: refused ? 'Bearer new' : 'Bearer old' }
  }
  await expect(createHttp({ fetch, baseUrl, vendor: 'Acme', authorize }).json('x', { signal })).resolves.toEqual({
    in: true,
  })
  expect(asked).toEqual([false, true])
})

test('credentials do not follow a redirect to a strange host', async () => {
  let leaked: unknown = 'not called'
  const stranger = (
    await serve(({ headers }) => {
      leaked = headers.authorization
      return { body: { from: 'stranger' } }
    })
  ).replace('127.0.0.1', 'localhost')
  const baseUrl = await serve(() => ({ status: 302, headers: { location: `${stranger}/file` } }))
  const http = createHttp({
    fetch,
    baseUrl,
    vendor: 'Acme',
    authorize: async () => ({ authorization: 'Bearer secret' }),
  })
  await expect(http.json('x', { signal })).resolves.toEqual({ from: 'stranger' })
  expect(leaked).toBeUndefined()
})

test('an answer that is no JSON and a host that is not there are unavailable', async () => {
  const baseUrl = await serve(() => ({ body: '<html>' }))
  await expect(createHttp({ fetch, baseUrl, vendor: 'Acme' }).json('x', { signal })).rejects.toMatchObject({
    code: 'unavailable',
  })
  await expect(
    createHttp({ fetch, baseUrl: 'http://127.0.0.1:1', vendor: 'Acme' }).json('x', { signal }),
  ).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('could not be reached'),
  })
})

test('an empty page with a next one is not the end; the same cursor twice is an error', async () => {
  const book: Record<string, { items: number[]; next?: string }> = {
    '': { items: [1], next: 'b' },
    b: { items: [], next: 'c' },
    c: { items: [2] },
  }
  const items: number[] = []
  for await (const page of pages(async (cursor) => book[cursor ?? '']!)) items.push(...page.items)
  expect(items).toEqual([1, 2])
  await expect(async () => {
    for await (const _ of pages(async () => ({ items: [], next: 'same' })));
  }).rejects.toThrow('twice')
})

test('concurrent work stays in order and within its limit', async () => {
  let running = 0
  let most = 0
  const results: number[] = []
  const work = async (n: number) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    return n * 2
  }
  for await (const result of mapConcurrently([1, 2, 3, 4, 5], 2, work)) results.push(result)
  expect(results).toEqual([2, 4, 6, 8, 10])
  expect(most).toBe(2)
})

test('an address that the host refuses is a mistake in the settings, not asked twice', async () => {
  let tries = 0
  const refusing: typeof fetch = async () => {
    tries++
    const message = 'x.test cannot be connected to from here. An operator can allow addresses with CX_EGRESS_ALLOW.'
    throw Object.assign(new Error(message), { name: 'EgressError', code: 'egress_denied' })
  }
  const limiter = new Limiter({ clock: systemClock })
  const http = createHttp({
    fetch: createFetch({ fetch: refusing, limiter, clock: systemClock, signal }),
    baseUrl: 'http://x.test',
    vendor: 'Acme',
  })
  await expect(http.json('/things', { signal })).rejects.toMatchObject({
    name: 'ConnectorError',
    code: 'misconfigured',
    message: expect.stringContaining('CX_EGRESS_ALLOW'),
  })
  expect(tries).toBe(1)
})
