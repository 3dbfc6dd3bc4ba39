import type { ConnectorErrorCode } from '@cx/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import s3 from '../src/index.ts'
import { connect, credentials, upload } from './harness.ts'
import { type S3Options, type S3Server, startS3 } from './s3-server.ts'

const servers: S3Server[] = []
async function start(options: S3Options = {}): Promise<S3Server> {
  const server = await startS3(options)
  servers.push(server)
  await server.put('a.txt', 'a')
  return server
}
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const server of servers.splice(0)) await server.close()
})

const failure = async (work: Promise<unknown>): Promise<{ code: ConnectorErrorCode; message: string }> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { code: ConnectorErrorCode },
  )
  expect(error?.name).toBe('ConnectorError')
  return { code: error!.code, message: error!.message }
}

describe('credentials', () => {
  test('a wrong key id, a wrong secret, a wrong token', async () => {
    const server = await start()
    for (const [given, name] of [
      [{ ...credentials, accessKeyId: 'AKIAOTHER' }, 'InvalidAccessKeyId'],
      [{ ...credentials, secretAccessKey: 'other' }, 'SignatureDoesNotMatch'],
      [{ ...credentials, sessionToken: 'other' }, 'InvalidToken'],
    ] as const) {
      const { list, bucket, run } = await connect(server, { credentials: given })
      for (const work of [list(), s3.check(bucket, run)]) {
        const { code, message } = await failure(work)
        expect([code, message]).toEqual(['unauthenticated', expect.stringContaining(name)])
        expect(message).not.toContain('other')
      }
    }
    expect(server.calls).toHaveLength(6)
  })

  test('an expired token, missing keys, no way in', async () => {
    const server = await start()
    server.fault({ operation: 'ListObjectsV2', status: 400, code: 'ExpiredToken' })
    expect(await failure((await connect(server)).list())).toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('expired'),
    })
    expect((await failure(connect(server, { credentials: { accessKeyId: 'x' } }))).code).toBe('unauthenticated')
    expect((await failure(connect(server, { credentials: { method: 'ambient' } }))).code).toBe('misconfigured')
  })

  test('session tokens, ambient and anonymous ones', async () => {
    const server = await start({ sessionToken: 'session' })
    expect(await (await connect(server, { credentials: { ...credentials, sessionToken: 'session' } })).paths()).toEqual(
      ['a.txt'],
    )
    vi.stubEnv('CX_ALLOW_AMBIENT_CREDENTIALS', 'true')
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey)
    vi.stubEnv('AWS_SESSION_TOKEN', 'session')
    expect(await (await connect(server, { credentials: { method: 'ambient' } })).paths()).toEqual(['a.txt'])
    const open = await start({ publicRead: true })
    const anonymous = await connect(open, { credentials: { method: 'anonymous' } })
    const { entries } = await anonymous.list()
    expect(await anonymous.read(entries[0]!)).toBe('a')
    expect((await failure(s3.write!.put(anonymous.bucket, upload('b', 'b'), anonymous.run))).code).toBe('forbidden')
    expect((await failure((await connect(server, { credentials: { method: 'anonymous' } })).list())).code).toBe(
      'forbidden',
    )
  })

  test('a role is assumed once, with its external id', async () => {
    const arn = 'arn:aws:iam::123456789012:role/reader'
    const server = await start({ role: { arn, externalId: 'shared' } })
    const given = { method: 'assumeRole', ...credentials, roleArn: arn, externalId: 'shared' }
    const config = { stsEndpoint: server.endpoint }
    const { list, read } = await connect(server, { config, credentials: given })
    expect(await read((await list()).entries[0]!)).toBe('a')
    expect(server.count('AssumeRole')).toBe(1)
    const wrong = await connect(server, { config, credentials: { ...given, externalId: 'guess' } })
    expect(await failure(wrong.list())).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('sts:AssumeRole'),
    })
  })
})

describe('what the store says', () => {
  const cases: [name: string, status: number, listing: ConnectorErrorCode, reading: ConnectorErrorCode][] = [
    ['AccessDenied', 403, 'forbidden', 'forbidden'],
    ['NoSuchBucket', 404, 'misconfigured', 'misconfigured'],
    ['NoSuchKey', 404, 'not_found', 'not_found'],
    ['InvalidObjectState', 403, 'unprocessable', 'unprocessable'],
    ['PreconditionFailed', 412, 'unprocessable', 'unprocessable'],
    ['RequestTimeTooSkewed', 403, 'misconfigured', 'misconfigured'],
    ['SlowDown', 503, 'rate_limited', 'rate_limited'],
    ['ServiceUnavailable', 503, 'unavailable', 'unavailable'],
    ['InternalError', 500, 'unavailable', 'unavailable'],
    ['RequestTimeout', 400, 'unavailable', 'unavailable'],
    ['MethodNotAllowed', 405, 'misconfigured', 'unprocessable'],
  ]
  test.concurrent.for(cases)('%s', async ([code, status, listing, reading], { expect }) => {
    const server = await startS3()
    try {
      await server.put('a.txt', 'a')
      const { list, read } = await connect(server)
      const [entry] = (await list()).entries
      server.fault({ status, code, times: 100 })
      await expect(list()).rejects.toMatchObject({ name: 'ConnectorError', code: listing })
      await expect(read(entry!)).rejects.toMatchObject({ name: 'ConnectorError', code: reading })
    } finally {
      await server.close()
    }
  })

  test('a foreign bucket, a missing one, our own clock', async () => {
    const server = await start({ foreignBuckets: ['theirs'] })
    expect(await failure((await connect(server, { config: { bucket: 'theirs' } })).list())).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('s3:ListBucket'),
    })
    expect(await failure((await connect(server, { config: { bucket: 'none' } })).list())).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('"none"'),
    })
    const skewed = await start({ clockOffsetMs: 3_600_000 })
    skewed.fault({ status: 403, code: 'RequestTimeTooSkewed', times: 100 })
    expect(await failure((await connect(skewed)).list())).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining("this machine's clock"),
    })
  })

  test('a wrong region is mended where the signature is enough, and named where it is not', async () => {
    const server = await start({ region: 'eu-central-1' })
    const { list, read } = await connect(server)
    expect(await read((await list()).entries[0]!)).toBe('a')
    expect(server.calls.map(({ status }) => status)).toEqual([400, 200, 200])
    const right = { config: { region: 'eu-central-1' } }
    server.fault({ status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'ap-south-1' }, times: 9 })
    expect(await failure((await connect(server, right)).list())).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('"ap-south-1"'),
    })
  })

  test('busy answers are tried again; so is a dropped connection', async () => {
    const server = await start()
    const { list } = await connect(server)
    server.fault({ status: 503, code: 'SlowDown' })
    server.fault({ instead: 'drop' })
    expect((await list()).entries).toHaveLength(1)
    expect(server.calls).toHaveLength(3)
  })

  test('nobody is there', async () => {
    const server = await startS3()
    await server.close()
    expect(await failure((await connect(server)).list())).toEqual({
      code: 'unavailable',
      message:
        'The store at this endpoint cannot be reached (ECONNREFUSED). Check `endpoint` and the network in between; cx tries again.',
    })
  })

  test("the host's refusal of an address stays what it is, for odd keys too", async () => {
    const server = await start()
    await server.put('a/../b', 'b')
    const { list } = await connect(server)
    const { ConnectorError } = await import('@cx/core')
    const refusing = (async () => {
      throw new ConnectorError('misconfigured', 'This address is not allowed.')
    }) as unknown as typeof fetch
    const { list: refused, read } = await connect(server, { fetch: refusing })
    expect(await failure(refused())).toEqual({ code: 'misconfigured', message: 'This address is not allowed.' })
    server.calls.length = 0
    for (const entry of (await list()).entries)
      expect((await failure(read(entry))).message).toBe('This address is not allowed.')
    expect(server.count('GetObject')).toBe(0)
  })
})

describe('check', () => {
  const look = async (server: S3Server, config = {}): Promise<unknown> => {
    const { bucket, run } = await connect(server, { config })
    const { checks = [], ...rest } = await s3.check(bucket, run)
    return { ...rest, checks: checks.map(({ capability, status, remediation }) => [capability, status, remediation]) }
  }

  test('lists and reads, by the calls of a sync', async () => {
    const server = await start()
    expect(await look(server, { expectedBucketOwner: '123456789012' })).toEqual({
      account: `s3://docs/ (${server.endpoint})`,
      tenant: '123456789012',
      checks: [
        ['list', 'ok', undefined],
        ['read', 'ok', undefined],
        ['write', 'skipped', undefined],
      ],
    })
    expect(server.calls.map(({ operation, headers }) => [operation, headers.range])).toEqual([
      ['ListObjectsV2', undefined],
      ['GetObject', 'bytes=0-0'],
    ])
    expect(server.calls[0]!.headers['x-amz-expected-bucket-owner']).toBe('123456789012')
  })

  test('a prefix with a leading slash that lists nothing gets a hint; one that lists something does not', async () => {
    const server = await start()
    await server.put('documents/x', 'x')
    expect(await look(server, { prefix: '/documents/' })).toMatchObject({
      checks: [
        ['list', 'failed', expect.stringContaining('"documents/"')],
        ['read', 'skipped', undefined],
        expect.anything(),
      ],
    })
    await server.put('/documents/x', 'x')
    expect(await look(server, { prefix: '/documents/' })).toMatchObject({
      checks: [['list', 'ok', undefined], ['read', 'ok', undefined], expect.anything()],
    })
  })

  test('an object that may not be read is said', async () => {
    const server = await start()
    server.fault({ operation: 'GetObject', status: 403, code: 'AccessDenied' })
    const { bucket, run } = await connect(server)
    const { checks } = await s3.check(bucket, run)
    expect(checks![1]).toMatchObject({ status: 'failed', message: expect.stringContaining('s3:GetObject') })
  })
})
