import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@cx/core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readSettings, startHost } from '../src/index.ts'

let cx: { readonly url: string; readonly key: string; close(): Promise<void> }
const errors: unknown[] = []
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cx-wire-'))
  const log: Log = { debug() {}, info() {}, warn() {}, error: (...line) => void errors.push(line) }
  const host = await startHost(readSettings({ CX_PORT: '0', CX_DATA_DIR: folder }), { log })
  const close = async () => {
    await host.stop()
    await rm(folder, { recursive: true })
  }
  cx = { url: host.url, key: host.newKey!, close }
})
afterAll(() => cx?.close())
// None of this is a fault of the server, so none of it may wake anybody.
afterEach(() => expect(errors).toEqual([]))

/** Writes bytes as no HTTP client would, and reads until the server closes. */
function talk(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(cx.url).port), '127.0.0.1')
    let answer = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error(`The server hangs after: ${answer}`)))
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
    )
    for (const part of parts) socket.write(part)
  })
}

const host = 'Host: x\r\nConnection: close\r\n'

test.each<[string, string | Uint8Array]>([
  ['no HTTP', 'hello\r\n\r\n'],
  ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])],
  ['an unknown method', `BREW /healthz HTTP/1.1\r\n${host}\r\n`],
  ['an unknown version', `GET /healthz HTTP/9.9\r\n${host}\r\n`],
  ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['no host, as of old', 'GET /healthz HTTP/1.0\r\n\r\n'],
  ['a host with a path', `GET /healthz HTTP/1.1\r\nHost: a/b?c\r\nConnection: close\r\n\r\n`],
  ['a header with a control character', `GET /healthz HTTP/1.1\r\nX: a\u0000b\r\n${host}\r\n`],
  ['a header without a name', `GET /healthz HTTP/1.1\r\n: b\r\n${host}\r\n`],
  ['headers of 100 KB', `GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n${host}\r\n`],
  ['an address of 100 KB', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n${host}\r\n`],
  ['a negative length', `POST /api/v1/search HTTP/1.1\r\nContent-Length: -1\r\n${host}\r\n`],
  ['two lengths', `POST /api/v1/search HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${host}\r\nab`],
  [
    'a length and chunks',
    `POST /api/v1/search HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${host}\r\n0\r\n\r\n`,
  ],
  ['a backslash', `GET /api\\v1 HTTP/1.1\r\n${host}\r\n`],
])('%s is refused in the envelope', async (_, bytes) => {
  const answer = await talk(bytes)
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 /)
  expect(head).toMatch(/x-request-id: req_\w+/i)
  // Chunked or not, the envelope is on a line of its own.
  const json = body.split('\r\n').find((line) => line.startsWith('{')) ?? ''
  expect(JSON.parse(json)).toMatchObject({
    error: {
      code: 'invalid_request',
      message: expect.stringMatching(/^This is not a request that can be read: .+\.$/),
    },
    meta: { requestId: expect.stringMatching(/^req_/) },
  })
})

test.each<[string, RegExp, (key: string) => readonly string[]]>([
  ['a body that breaks off', /^$|^HTTP\/1\.1 400 /, (key) => post(key, 'Content-Length: 100', '{"query":"x"')],
  [
    'chunks that are none',
    /^HTTP\/1\.1 400 /,
    (key) => post(key, 'Transfer-Encoding: chunked', 'zz\r\n{}\r\n0\r\n\r\n'),
  ],
  ['a whole address', /^HTTP\/1\.1 200 /, () => [`GET http://elsewhere.example/healthz HTTP/1.1\r\n${host}\r\n`]],
  [
    'two requests in one breath',
    /^HTTP\/1\.1 200 [\s\S]+HTTP\/1\.1 401 /,
    () => [`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /api/v1/connectors HTTP/1.1\r\n${host}\r\n`],
  ],
])('%s is met', async (_, expected, parts) => {
  const breaksOff = parts(cx.key).some((part) => part.includes('Content-Length: 100'))
  expect(await (breaksOff ? half(parts(cx.key)) : talk(...parts(cx.key)))).toMatch(expected)
  expect((await fetch(`${cx.url}/healthz`)).status).toBe(200)
})

function post(key: string, header: string, body: string): readonly string[] {
  return [
    `POST /api/v1/search HTTP/1.1\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n${header}\r\n${host}\r\n${body}`,
  ]
}

/** Hangs up in the middle of its own request. */
function half(parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(cx.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    socket.end(parts.join(''))
  })
}
