import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'

describe('bad input', () => {
  let cx: Running
  let id: string
  beforeAll(async () => {
    cx = await start()
    const made = await cx.call('POST', '/connectors', {
      name: 'c',
      type: 'filesystem',
      collection: 'c',
      config: { root: cx.folder },
    })
    id = made.data.id
  })
  afterAll(() => cx?.close())

  const raw = async (
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    type = 'application/json',
  ) => {
    const response = await fetch(`${cx.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${cx.key}`, ...(type && { 'Content-Type': type }) },
      ...(body !== undefined && { body }),
    })
    return {
      status: response.status,
      ...((await response.json()) as { error: { code: string; message: string; details: { path: string }[] } }),
    }
  }

  test('every failure of a new connector is named at once', async () => {
    const { status, error } = await cx.call('POST', '/connectors', {
      type: 'filesystem',
      collection: 7,
      config: { rooot: 'x', include: 'all' },
      nmae: 'x',
      schedule: 'often',
    })
    expect(status).toBe(400)
    expect(error.code).toBe('invalid_request')
    expect(error.details.map(({ path }) => path).sort()).toEqual([
      '/collection',
      '/config/include',
      '/config/rooot',
      '/config/root',
      '/name',
      '/nmae',
      '/schedule',
    ])
  })

  test('an unknown type names the known ones; credentials are checked as well', async () => {
    expect(
      (await cx.call('POST', '/connectors', { name: 'n', type: 'ftp', collection: 'c', config: {} })).error.details,
    ).toEqual([{ path: '/type', message: expect.stringMatching(/"filesystem".*"s3"/) }])
    const { error } = await cx.call('POST', '/connectors', {
      name: 'n',
      type: 's3',
      collection: 'c',
      config: { bucket: 'docs' },
      credentials: { accessKeyId: 'a' },
    })
    expect(error.details.map(({ path }) => path)).toContain('/credentials/secretAccessKey')
    expect((await cx.call('GET', '/connectors')).meta.total).toBe(1)
  })

  test.each([
    ['malformed JSON', '{"name":', 'application/json', 'not valid JSON'],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'application/json', 'not valid JSON'],
    ['another content type', '{}', 'text/plain', 'Content-Type: application/json'],
    ['a body that is no object', '[]', 'application/json', 'must be object'],
    ['no body', undefined, 'application/json', 'needs a JSON body'],
    ['deep nesting', `{"config":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}`, 'application/json', 'nested'],
    ['a prototype', '{"config":{"__proto__":{"admin":true}}}', 'application/json', '__proto__'],
  ])('%s', async (_, body, type, sentence) => {
    const { status, error } = await raw('POST', '/api/v1/connectors', body, type)
    expect(status).toBe(400)
    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(sentence) })
  })

  test('a body over 1 MB is refused, announced or not', async () => {
    expect(await raw('POST', '/api/v1/search', JSON.stringify({ query: 'x'.repeat(1_048_577) }))).toMatchObject({
      status: 413,
      error: { code: 'payload_too_large' },
    })
    const status = await new Promise((resolve, reject) => {
      const sent = request(
        `${cx.url}/api/v1/search`,
        {
          method: 'POST',
          headers: {
            Authorization: `Bearer ${cx.key}`,
            'Content-Type': 'application/json',
            'Transfer-Encoding': 'chunked',
          },
        },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
      sent.on('error', reject)
      sent.write(`{"query":"${'x'.repeat(600_000)}`)
      sent.end(`${'x'.repeat(600_000)}"}`)
    })
    expect(status).toBe(413)
  })

  test('unknown ids, routes and methods', async () => {
    const unknown = [
      '/connectors/conn_nope',
      '/connectors/conn_nope/sync',
      '/connectors/conn_nope/documents',
      '/connectors/conn_nope/files',
      `/connectors/${id}/sync/job_nope`,
      `/connectors/${id}/documents/doc_nope`,
      `/connectors/${id}/documents/doc_nope/content`,
      '/collections/col_nope',
      '/connector-types/ftp',
      '/nowhere',
      `/connectors/${'x'.repeat(5000)}`,
      '/connectors/%00%ff',
    ]
    for (const path of unknown)
      expect(await cx.call('GET', path), path).toMatchObject({
        status: 404,
        error: { code: 'not_found', message: expect.any(String) },
      })
    expect(await cx.call('DELETE', '/search')).toMatchObject({
      status: 404,
      error: { message: expect.stringContaining('POST') },
    })
    expect(await cx.call('DELETE', '/api-keys/key_nope')).toMatchObject({ status: 404 })
    expect(await raw('GET', '/elsewhere', undefined)).toMatchObject({ status: 404, error: { code: 'not_found' } })
  })

  test('parameters: unknown, repeated, out of range, of the wrong type', async () => {
    const bad = [
      'limit=0',
      'limit=101',
      'limit=ten',
      'limit=',
      'page=0',
      'page=1e99',
      'page=1&cursor=x',
      'limit=1&limit=2',
      'colour=red',
      'status=fine',
      '__proto__=1',
      'constructor=1',
    ]
    for (const query of bad)
      expect(await cx.call('GET', `/connectors?${query}`), query).toMatchObject({
        status: 400,
        error: { code: 'invalid_request' },
      })
    expect(
      (await cx.call('GET', '/connectors?limit=0&colour=red')).error.details.map(({ path }) => path).sort(),
    ).toEqual(['/colour', '/limit'])
  })

  test('search: what it cannot do, it says', async () => {
    expect(await cx.call('POST', '/search', { query: 'x', mode: 'semantic' })).toMatchObject({
      status: 422,
      error: { code: 'unsupported_operation' },
    })
    expect(await cx.call('POST', '/search', { query: '' })).toMatchObject({ status: 400 })
    expect(await cx.call('POST', '/search', { query: 'x', collections: ['nope'] })).toMatchObject({ status: 404 })
    expect(await cx.call('POST', '/search', { query: 'x', filters: { updatedAfter: 'yesterday' } })).toMatchObject({
      status: 400,
      error: { details: [{ path: '/filters/updatedAfter' }] },
    })
    for (const query of ['"', '*', 'AND', 'NEAR(', '^x:', '-', "';--", '\u0000', '\ud800', '"a" OR', 'ab*'.repeat(300)])
      expect((await cx.call('POST', '/search', { query })).status, query).toBe(200)
  })

  test('jobs: a second cancel, a wrong Last-Event-ID', async () => {
    const job = await cx.sync(id)
    expect(await cx.call('POST', `/connectors/${id}/sync/${job.jobId}/cancel`)).toMatchObject({
      status: 409,
      error: { details: { reason: 'job_ended' } },
    })
    expect(
      await cx.call('GET', `/connectors/${id}/sync/${job.jobId}/events`, undefined, {
        headers: { 'Last-Event-ID': 'abc' },
      }),
    ).toMatchObject({ status: 400 })
  })
})
