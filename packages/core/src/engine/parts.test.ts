import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { retryAfterMs } from '../http/retry-after.ts'
import { ConnectorError, isConnectorError } from '../index.ts'
import { abortable, iterate } from './abort.ts'
import { Admission } from './admission.ts'
import { readBody } from './body.ts'
import { describe as describeError, failureOf } from './failure.ts'
import { fingerprint } from './fingerprint.ts'
import { Limiter } from './limiter.ts'
import { quotaOf } from './quota.ts'
import { Redactor } from './redact.ts'
import { createScope } from './scope.ts'

const never = new AbortController().signal
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('abort', () => {
  test('a hanging promise and a hanging source end at once', async () => {
    const controller = new AbortController()
    const hanging = abortable(new Promise(() => {}), controller.signal)
    async function* source() {
      yield 1
      await new Promise(() => {})
    }
    const seen: number[] = []
    const listing = (async () => {
      for await (const item of iterate(source(), controller.signal)) seen.push(item)
    })()
    await turn()
    controller.abort(new Error('stop'))
    await expect(hanging).rejects.toThrow('stop')
    await expect(listing).rejects.toThrow('stop')
    expect(seen).toEqual([1])
  })

  test('leaving the loop early ends the source', async () => {
    let ended = false
    async function* source() {
      try {
        yield 1
        yield 2
      } finally {
        ended = true
      }
    }
    for await (const item of iterate(source(), never)) if (item === 1) break
    await turn()
    expect(ended).toBe(true)
  })
})

describe('admission', () => {
  test('never lets in more than the limit, keeps the order, and lets one giant in alone', async () => {
    const admission = new Admission(10)
    let inside = 0
    let most = 0
    const order: number[] = []
    await Promise.all(
      [4, 4, 4, 25, 1, 9].map(async (weight, i) => {
        const leave = await admission.enter(weight, never)
        order.push(i)
        inside += weight
        most = Math.max(most, weight > 10 ? 0 : inside)
        if (weight === 25) expect(inside).toBe(25)
        await turn()
        inside -= weight
        leave()
      }),
    )
    expect(order).toEqual([0, 1, 2, 3, 4, 5])
    expect(most).toBeLessThanOrEqual(10)
  })

  test('whoever gives up waiting does not block those behind', async () => {
    const admission = new Admission(1)
    const leave = await admission.enter(1, never)
    const controller = new AbortController()
    const second = admission.enter(1, controller.signal)
    const third = admission.enter(1, never)
    controller.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    leave()
    await expect(third).resolves.toBeTypeOf('function')
  })
})

describe('body', () => {
  const options = { maxBytes: 10, stallMs: 1_000, signal: never }
  const stream = (...parts: string[]) => ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)))

  test('is whole, with its hash', async () => {
    const body = await readBody(stream('ab', 'c'), options)
    expect(body).toMatchObject({ ok: true, hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' })
    expect(body.ok && body.bytes.buffer.byteLength).toBe(3)
  })

  test('is given up as soon as it is too long, and the stream is cancelled', async () => {
    let cancelled = false
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++
        controller.enqueue(new Uint8Array(4))
      },
      cancel: () => {
        cancelled = true
      },
    })
    expect(await readBody(endless, options)).toEqual({ ok: false, read: 12 })
    expect(cancelled).toBe(true)
    expect(pulled).toBeLessThan(6)
  })

  test('of unknown size waits in a file once it is long, and comes out whole', async () => {
    const parts = Array.from({ length: 40 }, (_, i) => new Uint8Array(512 * 1024).fill(i))
    const body = await readBody(ReadableStream.from(parts), { ...options, maxBytes: 2 ** 30 })
    if (!body.ok) throw new Error('It was said to be too long.')
    expect(body.bytes.length).toBe(40 * 512 * 1024)
    expect(body.bytes.every((byte, at) => byte === Math.floor(at / (512 * 1024)))).toBe(true)
    expect(body.hash).toBe(createHash('sha256').update(Buffer.concat(parts)).digest('hex'))
  })

  test('that stalls is an error', async () => {
    const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    await expect(readBody(stalled, { ...options, stallMs: 20 })).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('that breaks half-way is an error', async () => {
    async function* broken() {
      yield new Uint8Array(2)
      throw new Error('connection reset')
    }
    await expect(readBody(ReadableStream.from(broken()), options)).rejects.toThrow('connection reset')
  })
})

describe('redactor', () => {
  test('masks secrets in text and values, encoded too, and leaves the rest as it is', () => {
    const redactor = new Redactor()
    redactor.learn({ key: 'hunter2/hunter2', nested: [{ token: 'a"quoted"secret' }], short: 'eu' })
    expect(redactor.text('GET /?k=hunter2%2Fhunter2 in eu')).toBe('GET /?k=*** in eu')
    const value = { url: 'x?hunter2/hunter2', list: ['a"quoted"secret', 'fine'] }
    expect(redactor.value(value)).toEqual({ url: 'x?***', list: ['***', 'fine'] })
    const clean = { url: 'x' }
    expect(redactor.value(clean)).toBe(clean)
  })
})

describe('limiter', () => {
  function fakeClock() {
    let now = 0
    const slept: number[] = []
    return {
      slept,
      now: () => now,
      sleep: async (ms: number) => {
        slept.push(ms)
        now += ms
      },
    }
  }

  test('spaces calls evenly, just below the rate', async () => {
    const clock = fakeClock()
    const limiter = new Limiter({ clock, requestsPerMinute: 60 })
    for (let i = 0; i < 60; i++) (await limiter.turn(never)).taken()
    expect(clock.now()).toBeGreaterThan(59_000)
    expect(clock.now()).toBeLessThan(61_000)
  })

  test('stands still for everyone while paused', async () => {
    const clock = fakeClock()
    const limiter = new Limiter({ clock })
    limiter.pause(5_000)
    limiter.pause(1_000)
    await limiter.turn(never)
    expect(clock.now()).toBe(5_000)
  })

  test('whoever gives up waiting leaves no place empty', async () => {
    const limiter = new Limiter({ clock: { now: () => 0, sleep: () => new Promise(() => {}) } })
    limiter.pause(1_000)
    const controller = new AbortController()
    const turn = limiter.turn(controller.signal)
    expect(limiter.busy).toBe(true)
    controller.abort(new Error('gone'))
    await expect(turn).rejects.toThrow('gone')
    expect(limiter.busy).toBe(false)
  })

  test('a connector’s wait that the source’s answer has told already holds back no other kind of call', async () => {
    const clock = fakeClock()
    const limiter = new Limiter({ clock, rateOf: ({ pathname }) => ({ bucket: pathname }) })
    const [one, other] = [limiter.of(new URL('http://x/one')), limiter.of(new URL('http://x/other'))]
    one.hold(30_000)
    const waiting = limiter.wait(29_900, never)
    expect(other.heldMs).toBe(0)
    await waiting
    limiter.wait(60_000, never).catch(() => {})
    expect(other.heldMs).toBe(0)
  })
})

test.each([
  [
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767225700' },
    { remaining: 0, resetMs: 101_000 },
  ],
  [
    { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '30' },
    { remaining: 7, resetMs: 30_000 },
  ],
  [
    { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '2026-01-01T00:01:00Z' },
    { remaining: 7, resetMs: 60_000 },
  ],
  [{ 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': 'soon' }, undefined],
  [{ 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '30' }, undefined],
  [{ 'x-ratelimit-remaining': '0' }, undefined],
])('what headers say of the calls left: %j', (headers, quota) => {
  expect(quotaOf(new Headers(headers as Record<string, string>), Date.UTC(2026, 0, 1))).toEqual(quota)
})

describe('errors', () => {
  test('are recognised by name and code, from another thread or package copy too', () => {
    const copied = structuredClone({ name: 'ConnectorError', code: 'forbidden', message: 'No.' })
    expect(isConnectorError(copied)).toBe(true)
    expect(isConnectorError({ name: 'ConnectorError', code: 'E404' })).toBe(false)
    expect(isConnectorError(new ConnectorError('not_found', 'Gone.'))).toBe(true)
    expect(failureOf(copied, 'unavailable', new Redactor())).toEqual({ code: 'forbidden', message: 'No.' })
    expect(failureOf(new TypeError('odd'), 'unavailable', new Redactor())).toEqual({
      code: 'unavailable',
      message: 'odd',
    })
  })

  test('tell their causes', () => {
    expect(describeError(new Error('fetch failed', { cause: new Error('ECONNREFUSED') }))).toBe(
      'fetch failed: ECONNREFUSED',
    )
    expect(describeError(undefined)).toBe('Unknown error')
  })
})

test('Retry-After comes in two forms', () => {
  expect(retryAfterMs('120')).toBe(120_000)
  expect(retryAfterMs('Mon, 23 Nov 2026 00:00:10 GMT', Date.UTC(2026, 10, 23))).toBe(10_000)
  expect(retryAfterMs('Mon, 23 Nov 2020 00:00:10 GMT', Date.UTC(2026, 10, 23))).toBe(0)
  expect(retryAfterMs('soon')).toBeUndefined()
  expect(retryAfterMs(null)).toBeUndefined()
})

test('a scope takes exact paths and subtrees, nothing that only begins alike', () => {
  const inScope = createScope(['a.txt', 'docs/'])
  expect(['a.txt', 'docs/x', 'docs/y/z'].every(inScope)).toBe(true)
  expect(['a.txt.bak', 'docs', 'docs2/x', 'b'].some(inScope)).toBe(false)
})

test('the fingerprint changes with the metadata, not with version or ref', () => {
  const entry = { id: '1', path: 'a', version: 'v1', title: 'A' }
  expect(fingerprint({ ...entry, version: 'v2', ref: 7 })).toBe(fingerprint(entry))
  expect(fingerprint({ ...entry, title: 'B' })).not.toBe(fingerprint(entry))
  expect(fingerprint({ ...entry, acl: { allOf: [[{ type: 'anyone' }]] } })).not.toBe(fingerprint(entry))
})
