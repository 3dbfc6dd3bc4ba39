import { expect, test } from 'vitest'
import { CxError } from './error.ts'
import { parseEvents } from './events.ts'
import { createForm } from './multipart.ts'
import { retrying } from './retry.ts'
import { wait } from './wait.ts'

const bytes = (...parts: string[]) => ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)))

test('events are put together wherever the stream was cut', async () => {
  const text =
    'retry: 2000\n\nid: 1\nevent: progress\ndata: {"name":"é: ü"}\n\n: still here\n\nid: 2\nevent: end\ndata: {}\n\n'
  const whole = await Array.fromAsync(parseEvents(bytes(text)))
  expect(whole).toEqual([
    { id: '1', type: 'progress', data: { name: 'é: ü' } },
    { id: '2', type: 'end', data: {} },
  ])
  const encoded = new TextEncoder().encode(text)
  for (let cut = 1; cut < encoded.length; cut++) {
    const body = ReadableStream.from([encoded.slice(0, cut), encoded.slice(cut)])
    expect(await Array.fromAsync(parseEvents(body))).toEqual(whole)
  }
})

test('who stops listening closes the stream', async () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: () => {
      cancelled = true
    },
  })
  for await (const { data } of parseEvents(body)) if (data === 1) break
  expect(cancelled).toBe(true)
})

test('a form with a stream reads as one without', async () => {
  const files = (content: () => string | ReadableStream<Uint8Array>) => [
    { name: 'a "quoted"\r\nname.txt', content: content(), contentType: 'text/plain' },
    { name: 'ü/b', content: 'second' },
  ]
  const read = async (form: ReturnType<typeof createForm>) => {
    const { body, headers } = form.make()
    const parsed = await new Response(body, headers ? { headers } : {}).formData()
    return Promise.all(
      [...parsed].map(async ([field, value]) => {
        const { name, type, text } = value as Blob & { name: string }
        return typeof value === 'string' ? [field, value] : [field, name, type, await text.call(value)]
      }),
    )
  }
  const plain = createForm(
    files(() => 'first'),
    'folder',
  )
  const streamed = createForm(
    files(() => bytes('fi', 'rst')),
    'folder',
  )
  expect([plain.onlyOnce, streamed.onlyOnce]).toEqual([false, true])
  const [one, other] = await Promise.all([read(streamed), read(plain)])
  expect(one).toEqual(other)
  expect(one[0]).toEqual(['path', 'folder'])
  expect(one[1]?.slice(2)).toEqual(['text/plain', 'first'])
  expect(one[2]?.slice(0, 2)).toEqual(['files', 'ü/b'])
})

test('a form leaves its streams unread until they are wanted, and closes them when they are not', async () => {
  let pulled = 0
  let returned = false
  async function* content() {
    try {
      for (;;) yield new Uint8Array(1000).fill(pulled++)
    } finally {
      returned = true
    }
  }
  const { body } = createForm([{ name: 'endless', content: content() }], undefined).make()
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  for (let i = 0; i < 4; i++) await reader.read()
  expect(pulled).toBeLessThan(6)
  await reader.cancel()
  expect(returned).toBe(true)
})

test('only what passes is tried again, and a long Retry-After is not sat out', async () => {
  const attempts = async (error: unknown, options = {}) => {
    let count = 0
    const failing = () => {
      count += 1
      return Promise.reject(error)
    }
    await expect(retrying(failing, { backoffMs: 1, ...options })).rejects.toBe(error)
    return count
  }
  const conflict = (reason: string) => new CxError('conflict', 'x', { status: 409, details: { reason } })
  expect(await attempts(new CxError('network', 'x'))).toBe(4)
  expect(await attempts(new CxError('timeout', 'x'), { retries: 1 })).toBe(2)
  expect(await attempts(new CxError('unavailable', 'x', { status: 503 }))).toBe(4)
  expect(await attempts(new CxError('unexpected_answer', 'x', { status: 503 }))).toBe(4)
  expect(await attempts(conflict('request_in_progress'))).toBe(4)
  expect(await attempts(conflict('connector_paused'))).toBe(1)
  expect(await attempts(new CxError('internal_error', 'x', { status: 500 }))).toBe(1)
  expect(await attempts(new Error('x'))).toBe(1)
  const later = new CxError('rate_limit_exceeded', 'x', { status: 429, retryAfter: 3600 })
  expect(await attempts(later)).toBe(1)
})

test('a pause ends with its signal', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const paused = wait(60_000, stop.signal)
  stop.abort(reason)
  await expect(paused).rejects.toBe(reason)
  await expect(wait(1, stop.signal)).rejects.toBe(reason)
})
