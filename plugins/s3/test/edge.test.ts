import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import s3 from '../src/index.ts'
import { connect, credentials } from './harness.ts'
import { type S3Options, type S3Server, startS3 } from './s3-server.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
async function start(options: S3Options = {}): Promise<S3Server> {
  const server = await startS3(options)
  closing.push(() => server.close())
  return server
}

/** Something that answers 200 with these bodies, one after the other. */
async function answering(...bodies: string[]): Promise<{ readonly endpoint: string }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(bodies.shift() ?? '')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => new Promise((closed) => server.close(closed)))
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const contents = (key: string): string =>
  `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`

const same = `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>${contents('a')}</ListBucketResult>`

test('what is no list, or a list that hides its end, is an error and never a short listing', async () => {
  for (const [code, ...bodies] of [
    ['unavailable', '<html><body>Please sign in</body></html>'],
    ['unavailable', ''],
    ['unavailable', ...Array.from({ length: 9 }, () => same)],
    ['misconfigured', `<ListBucketResult><IsTruncated>true</IsTruncated>${contents('a')}</ListBucketResult>`],
  ] as const)
    await expect((await connect(await answering(...bodies))).list(), bodies[0]).rejects.toMatchObject({ code })
  const shy = await answering(
    `<ListBucketResult>${contents('a')}<NextContinuationToken>x</NextContinuationToken></ListBucketResult>`,
    `<ListBucketResult>${contents('b')}</ListBucketResult>`,
  )
  expect(await (await connect(shy)).paths()).toEqual(['a', 'b'])
})

test('a session that ends before its time: a role is assumed anew, once; a session token is not', async () => {
  const arn = 'arn:aws:iam::123456789012:role/reader'
  const server = await start({ role: { arn } })
  await server.put('a', 'a')
  const config = { stsEndpoint: server.endpoint }
  const { paths } = await connect(server, {
    config,
    credentials: { method: 'assumeRole', ...credentials, roleArn: arn },
  })
  expect(await paths()).toEqual(['a'])
  server.expireSessions()
  expect(await paths()).toEqual(['a'])
  expect(server.count('AssumeRole')).toBe(2)
  server.fault({ operation: 'ListObjectsV2', status: 400, code: 'ExpiredToken', times: 99 })
  await expect(paths()).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(server.count('AssumeRole')).toBe(3)
})

test('a bucket of Amazon in another region is found there', async () => {
  const server = await start({ publicRead: true })
  await server.put('a', 'a')
  const hosts: string[] = []
  const amazon = (async (input: string, init: RequestInit) => {
    const url = new URL(input)
    hosts.push(url.host)
    if (!url.host.includes('eu-central-1'))
      return new Response('<Error><Code>PermanentRedirect</Code></Error>', {
        status: 301,
        headers: { 'x-amz-bucket-region': 'eu-central-1', 'content-type': 'application/xml' },
      })
    return fetch(`${server.endpoint}/docs${url.pathname}${url.search}`, init)
  }) as unknown as typeof fetch
  const { list } = await connect(
    { endpoint: '' },
    { config: { endpoint: undefined as never }, credentials: { method: 'anonymous' }, fetch: amazon },
  )
  const { entries } = await list()
  expect(entries.map(({ url }) => url)).toEqual([
    'https://eu-central-1.console.aws.amazon.com/s3/object/docs?region=eu-central-1&prefix=a',
  ])
  expect(hosts).toEqual(['docs.s3.us-east-1.amazonaws.com', 'docs.s3.eu-central-1.amazonaws.com'])
})

test('who may read by ACL: everyone only where grants to everyone count, nobody where ACLs are off', async () => {
  const everyone =
    '<Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>'
  const readers = async (options: S3Options, fault?: Parameters<S3Server['fault']>[0]): Promise<unknown> => {
    const server = await start(options)
    await server.put('a', 'a', { grants: everyone })
    if (fault) server.fault({ operation: 'GetPublicAccessBlock', ...fault })
    const { bucket, run, list } = await connect(server, { config: { aclMode: 'objectAcl' } })
    const { entries } = await list()
    const found = []
    for (let round = 0; round < 2; round++)
      for await (const { acl } of s3.permissions!.acls(bucket, entries, run)) found.push(acl.allOf)
    expect(server.count('GetPublicAccessBlock')).toBe(1)
    expect(found[1]).toEqual(found[0])
    return found[0]
  }
  expect(await readers({})).toEqual([[{ type: 'anyone' }]])
  expect(await readers({ ignorePublicAcls: false })).toEqual([[{ type: 'anyone' }]])
  expect(await readers({}, { status: 501, code: 'NotImplemented' })).toEqual([[{ type: 'anyone' }]])
  expect(await readers({ ignorePublicAcls: true })).toEqual([[]])
  expect(await readers({}, { status: 403, code: 'AccessDenied' })).toEqual([[]])
  const off = await start({ ownership: 'BucketOwnerEnforced' })
  await off.put('a', 'a', { grants: everyone })
  const { bucket, run, list } = await connect(off, { config: { aclMode: 'objectAcl' } })
  const { entries } = await list()
  await expect(Array.fromAsync(s3.permissions!.acls(bucket, entries, run))).rejects.toMatchObject({
    code: 'misconfigured',
  })
  expect(off.count('GetObjectAcl')).toBe(0)
  expect((await s3.check(bucket, run)).checks?.at(-1)).toMatchObject({ capability: 'permissions', status: 'failed' })
})

test('compressed as said, at odd keys too; not compressed as said', async () => {
  const server = await start()
  const headers = { 'content-encoding': 'gzip' }
  await server.put('a/../b', gzipSync('odd'), { headers })
  await server.put('wrong', 'plain', { headers })
  const { list, read } = await connect(server)
  const [odd, wrong] = (await list()).entries
  expect(await read(odd!)).toBe('odd')
  await expect(read(wrong!)).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('Content-Encoding'),
  })
})

test('keys of slashes alone', async () => {
  const server = await start()
  server.seed(['/', '//', '///a'])
  const { list, read } = await connect(server)
  const { entries } = await list()
  expect(entries.map(({ path }) => path)).toEqual(['/', '//', '///a'])
  for (const entry of entries) expect(await read(entry)).toBe(entry.path)
})

test('who pays is said with every call', async () => {
  const server = await start()
  await server.put('a', 'a')
  const { list, read } = await connect(server, { config: { requestPayer: true } })
  await read((await list()).entries[0]!)
  expect(server.calls.map(({ headers }) => headers['x-amz-request-payer'])).toEqual(['requester', 'requester'])
})

test('a clock that is an hour off is set right by what the store says', async () => {
  const server = await start({ clockOffsetMs: 3_600_000 })
  await server.put('a', 'a')
  const { list, read } = await connect(server)
  expect(await read((await list()).entries[0]!)).toBe('a')
  expect(server.calls.map(({ status }) => status)).toEqual([403, 200, 200])
})
