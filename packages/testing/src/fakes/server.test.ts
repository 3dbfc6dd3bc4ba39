import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Fault, FaultRange } from '../driver/faults.ts'
import { type Routes, startProxy, startServer } from './server.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
function kept<T extends { close(): Promise<void> }>(one: T): T {
  closing.push(() => one.close())
  return one
}

const text = 'x'.repeat(10_000)
const routes: Routes = {
  'GET /items/:id': (_, { id }, url) => Response.json({ id, q: url.searchParams.get('q') }),
  'GET /text': () => new Response(text),
  'POST /echo': async (request) => new Response(`${request.headers.get('x-one')} ${await request.text()}`),
}
const once: FaultRange = { from: 1, to: 1 }

const fronts = {
  server: async () => kept(await startServer(routes)),
  proxy: async () => kept(await startProxy(kept(await startServer(routes)).url)),
}

for (const [name, start] of Object.entries(fronts)) {
  test(`${name}: routes, bodies, unknown paths and the count of calls`, async () => {
    const { url, faults } = await start()
    expect(await (await fetch(`${url}/items/a%2Fb?q=1`)).json()).toEqual({ id: 'a/b', q: '1' })
    const echoed = await fetch(`${url}/echo`, { method: 'POST', body: 'body', headers: { 'x-one': 'head' } })
    expect(await echoed.text()).toBe('head body')
    expect((await fetch(`${url}/nowhere`)).status).toBe(404)
    expect(faults.calls()).toHaveLength(3)
  })

  test(`${name}: each fault at the call it was meant for, and then no more`, async () => {
    const { url, faults } = await start()
    const get = async (fault: Fault, range: FaultRange = once) => {
      faults.inject(fault, range)
      return fetch(`${url}/text`)
    }
    const limited = await get({ kind: 'rate_limited', retryAfter: '7' })
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    for (const [kind, status] of [
      ['unavailable', 503],
      ['unauthenticated', 401],
      ['forbidden', 403],
      ['not_found', 404],
    ] as const)
      expect((await get({ kind })).status).toBe(status)
    await expect(get({ kind: 'drop' })).rejects.toThrow('fetch failed')
    const cut = await get({ kind: 'cut' })
    await expect(cut.text()).rejects.toThrow('terminated')
    const began = performance.now()
    expect(await (await get({ kind: 'slow', ms: 120 })).text()).toBe(text)
    expect(performance.now() - began).toBeGreaterThan(110)
    faults.inject({ kind: 'hang' }, once)
    await expect(fetch(`${url}/text`, { signal: AbortSignal.timeout(150) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    faults.inject({ kind: 'drop' }, { from: 2, to: 2 })
    expect(await (await fetch(`${url}/text`)).text()).toBe(text)
    await expect(fetch(`${url}/text`)).rejects.toThrow('fetch failed')
    expect(await (await fetch(`${url}/text`)).text()).toBe(text)
  })
}

test('the vendor says a fault in its own way', async () => {
  const answer = ({ kind }: Fault) =>
    kind === 'rate_limited' ? Response.json({ ok: false, error: 'ratelimited' }) : undefined
  const { url, faults } = kept(await startServer(routes, { answer }))
  faults.inject({ kind: 'rate_limited', retryAfter: '1' }, once)
  expect(await (await fetch(`${url}/text`)).json()).toEqual({ ok: false, error: 'ratelimited' })
})

test('a TCP proxy passes bytes on, drops and hangs', async () => {
  const { url } = kept(await startServer(routes))
  const proxy = kept(await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(url).port) }))
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      let answer = ''
      const socket = connect(proxy.port, proxy.host, () =>
        socket.write('GET /items/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      )
      socket.setTimeout(200, () => socket.destroy(new Error('timed out')))
      socket.on('data', (bytes) => {
        answer += bytes
      })
      socket.on('error', reject)
      socket.on('end', () => resolve(answer))
    })
  expect(await ask()).toContain('{"id":"1"')
  proxy.faults.inject({ kind: 'drop' }, once)
  await expect(ask()).rejects.toThrow('ECONNRESET')
  proxy.faults.inject({ kind: 'hang' }, once)
  await expect(ask()).rejects.toThrow('timed out')
  expect(proxy.faults.calls()).toHaveLength(3)
})
