import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import s3 from '../src/index.ts'
import { connect, upload } from './harness.ts'
import { type S3Server, startS3 } from './s3-server.ts'

let server: S3Server
beforeEach(async () => {
  server = await startS3()
})
afterEach(() => server.close())

/** Each is legal and another object than the rest. */
const strangeKeys = [
  '/documents/a.txt',
  'documents/a.txt',
  'a//b.txt',
  'a/b.txt',
  '//',
  './x',
  '../x',
  'a/../b.txt',
  'a/./b.txt',
  'a/..',
  '..',
  'with space.txt',
  ' lead and trail ',
  'plus+and%percent%2F.txt',
  'q?uery#frag&amp;.txt',
  'e\u0301.txt',
  '\u00e9.txt',
  '\u{1f600}/\uffee.txt',
  'line\nbreak\ttab.txt',
  'control\u0001\u001f.txt',
  'trailing/slash/',
  'a',
  '\'quotes"<>',
  '~tilde!*()',
  'UPPER',
  'back\\slash',
].filter((key) => key !== '//')

describe('list and read', () => {
  test('keys are opaque: listed, read, replaced and deleted as they are', async () => {
    for (const key of strangeKeys) await server.put(key, `content of ${key}`)
    const { list, read, bucket, run } = await connect(server)
    const { entries } = await list()
    const bytewise = [...strangeKeys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(entries.map((entry) => entry.path)).toEqual(bytewise)
    for (const entry of entries) expect(await read(entry), entry.path).toBe(`content of ${entry.path}`)
    for (const key of strangeKeys) {
      const entry = await s3.write!.put(bucket, upload(key, `new ${key}`), run)
      expect(await read(entry), key).toBe(`new ${key}`)
      await s3.write!.remove!(bucket, entry, run)
    }
    expect((await list()).entries).toEqual([])
  })

  test('an entry says what the listing says, and the same twice', async () => {
    await server.put('reports/2026/a.pdf', 'pdf', { storageClass: 'GLACIER_IR' })
    const { list } = await connect(server)
    const { entries } = await list()
    expect(entries).toEqual([
      {
        id: 's3://docs/reports/2026/a.pdf',
        path: 'reports/2026/a.pdf',
        version: expect.stringMatching(/^"[0-9a-f]{32}"\|3\|\d{13}$/),
        title: 'a.pdf',
        size: 3,
        updatedAt: expect.stringMatching(/^20.*Z$/),
        url: `${server.endpoint}/docs/reports/2026/a.pdf`,
        acl: { allOf: [[{ type: 'anyone' }]] },
        metadata: { etag: expect.any(String), storageClass: 'GLACIER_IR' },
      },
    ])
    expect((await list()).entries).toEqual(entries)
    expect(server.count('ListObjectsV2')).toBe(2)
    expect(server.calls.some(({ operation }) => operation.startsWith('Head'))).toBe(false)
  })

  test('folder markers are skipped; prefix and globs see whole keys', async () => {
    for (const key of ['docs/', 'docs/a.md', 'docs/b.txt', 'docs/.hidden/c.md', 'docs-2.md', 'real/'])
      await server.put(key, key === 'docs/' ? '' : key)
    expect(await (await connect(server)).paths()).toEqual([
      'docs-2.md',
      'docs/.hidden/c.md',
      'docs/a.md',
      'docs/b.txt',
      'real/',
    ])
    expect(await (await connect(server, { config: { prefix: 'docs' } })).paths()).toHaveLength(4)
    expect(
      await (
        await connect(server, { config: { prefix: 'docs/', include: ['**/*.md'], exclude: ['**/.hidden/**'] } })
      ).paths(),
    ).toEqual(['docs/a.md'])
    expect(await (await connect(server, { config: { prefix: '/docs/' } })).paths()).toEqual([])
  })

  test('archived objects are unavailable until they are restored; what was read of them before stays', async () => {
    await server.put('a', 'frozen', { storageClass: 'DEEP_ARCHIVE' })
    const { list, read } = await connect(server)
    const [frozen] = (await list()).entries
    expect(frozen).toMatchObject({ unavailable: expect.stringContaining('archived') })
    await expect(read(frozen!)).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining('archived'),
    })
    server.change('a', { restored: true })
    const [restored] = (await list()).entries
    expect(restored!.unavailable).toBeUndefined()
    // The same content under the same version: the engine compares `unavailable` too.
    expect(restored!.version).toBe(frozen!.version)
    expect(await read(restored!)).toBe('frozen')
    const [ignored] = (await (await connect(server, { config: { includeArchivedRestored: false } })).list()).entries
    expect(ignored!.unavailable).toBeDefined()
  })

  test('a store that does not know RestoreStatus is asked without it', async () => {
    await server.put('a', 'a')
    server.fault({ operation: 'ListObjectsV2', status: 501, code: 'NotImplemented' })
    expect(await (await connect(server)).paths()).toEqual(['a'])
    expect(server.calls.at(-1)!.headers['x-amz-optional-object-attributes']).toBeUndefined()
  })

  test('what changed since it was listed is not read under the old version; what is gone is not_found', async () => {
    await server.put('a', 'one')
    const { list, read } = await connect(server)
    const [entry] = (await list()).entries
    await server.put('a', 'two')
    await expect(read(entry!)).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining('changed while syncing'),
    })
    await expect(read({ ...entry!, id: 's3://docs/gone' })).rejects.toMatchObject({ code: 'not_found' })
    expect(server.count('GetObject')).toBe(2)
  })

  test('a body that breaks half-way is an error, and an empty one is a body', async () => {
    await server.put('a', 'x'.repeat(100_000))
    await server.put('empty', '')
    const { list, read } = await connect(server)
    const [entry, empty] = (await list()).entries
    server.fault({ operation: 'GetObject', instead: 'half' })
    await expect(read(entry!)).rejects.toMatchObject({ name: 'ConnectorError', code: 'unavailable' })
    expect(await read(empty!)).toBe('')
  })

  test('content that is stored gzipped is decoded', async () => {
    const { gzipSync } = await import('node:zlib')
    await server.put('a.txt', gzipSync('plain text'), { headers: { 'content-encoding': 'gzip' } })
    const { list, read } = await connect(server)
    expect(await read((await list()).entries[0]!)).toBe('plain text')
  })

  test('paths: exact keys by one call each, subtrees, and nothing outside the prefix', async () => {
    for (const key of ['in/a', 'in/a/b', 'in/c/d', 'in/c/e', 'out/f', 'in/x/']) await server.put(key, key)
    const { paths } = await connect(server, { config: { prefix: 'in/' } })
    server.calls.length = 0
    expect(await paths({ paths: ['in/a', 'in/gone', 'out/f', 'in/c/', '../in/a'] })).toEqual([
      'in/a',
      'in/c/d',
      'in/c/e',
    ])
    expect(server.count('ListObjectsV2')).toBe(3)
    expect(await paths({ paths: ['in/x/'] })).toEqual(['in/x/'])
    expect(await paths({ paths: ['in/', 'in/a'] })).toHaveLength(6)
  })

  test('an abort ends a hanging call at once', async () => {
    server.fault({ operation: 'ListObjectsV2', instead: 'hang' })
    const stop = new AbortController()
    const { list } = await connect(server, { signal: stop.signal })
    const done = list()
    setTimeout(() => stop.abort(), 50)
    const before = performance.now()
    await expect(done).rejects.toMatchObject({ name: 'AbortError' })
    expect(performance.now() - before).toBeLessThan(500)
  })

  test('an abort ends a body at once', async () => {
    await server.put('a', 'x'.repeat(8_000_000))
    const stop = new AbortController()
    const { list, bucket, run } = await connect(server, { signal: stop.signal })
    const [entry] = (await list()).entries
    const reader = ((await s3.read(bucket, entry!, run)).body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    stop.abort()
    await expect(async () => {
      while (!(await reader.read()).done);
    }).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('write', () => {
  test('put returns the entry as the listing has it', async () => {
    const { bucket, run, list, read } = await connect(server, { config: { prefix: 'in/' } })
    const entry = await s3.write!.put(bucket, upload('in/a.txt', 'hello'), run)
    expect((await list()).entries).toEqual([entry])
    expect(await read(entry)).toBe('hello')
    expect(server.calls.find(({ operation }) => operation === 'PutObject')!.headers['content-type']).toBe('text/plain')
    await expect(s3.write!.put(bucket, upload('out.txt', 'x'), run)).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining('in/'),
    })
  })

  test('a large upload goes in parts, whether its length is known or not', async () => {
    const bytes = new Uint8Array(18 * 1024 * 1024).map((_, index) => index % 251)
    const { bucket, run, read } = await connect(server)
    for (const size of [bytes.length, undefined]) {
      server.calls.length = 0
      const { size: _, ...rest } = upload('large', bytes)
      const entry = await s3.write!.put(bucket, { ...rest, ...(size === undefined ? {} : { size }) }, run)
      expect(entry.size).toBe(bytes.length)
      expect(entry.version).toMatch(/-4"\|/)
      expect(server.count('UploadPart')).toBe(4)
      expect(server.count('PutObject')).toBe(0)
      expect((await read(entry)).length).toBeGreaterThan(0)
      const { body } = await s3.read(bucket, entry, run)
      expect(Buffer.compare(Buffer.from(await new Response(body as ReadableStream).arrayBuffer()), bytes)).toBe(0)
    }
  })

  test('a large upload that fails is taken back', async () => {
    const { bucket, run, paths } = await connect(server)
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(9 * 1024 * 1024)),
      pull: () => Promise.reject(new Error('browser closed')),
    })
    await expect(s3.write!.put(bucket, { path: 'large', body, mimeType: 'x/y' }, run)).rejects.toThrow('browser closed')
    expect(server.count('AbortMultipartUpload')).toBe(1)
    expect(await paths()).toEqual([])
  })

  test('an upload that hangs ends at an abort', async () => {
    const stop = new AbortController()
    const { bucket, run } = await connect(server, { signal: stop.signal })
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    const done = s3.write!.put(bucket, { path: 'a', body, mimeType: 'x/y' }, run)
    stop.abort()
    await expect(done).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.calls).toEqual([])
  })

  test('browse walks by prefix', async () => {
    for (const key of ['a/b/c', 'a/d', '/lead', 'e', 'a/']) await server.put(key, key)
    const { bucket, run } = await connect(server)
    const level = async (path: string): Promise<unknown[]> => {
      const items = []
      for await (const { path: at, title, hasChildren } of s3.browse!.children(bucket, path, run))
        items.push([at, title, hasChildren])
      return items
    }
    expect(await level('')).toEqual([
      ['/', '/', true],
      ['a/', 'a', true],
      ['e', 'e', false],
    ])
    expect(await level('a/')).toEqual([
      ['a/b/', 'b', true],
      ['a/d', 'd', false],
    ])
    expect(await level('/')).toEqual([['/lead', 'lead', false]])
  })
})

describe('permissions', () => {
  const collect = async (
    bucket: unknown,
    entries: Parameters<NonNullable<typeof s3.permissions>['acls']>[1],
    run: never,
  ): Promise<unknown[]> => {
    const found = []
    for await (const item of s3.permissions!.acls(bucket, entries, run)) found.push(item.acl.allOf)
    return found
  }

  test('rules: the longest prefix decides, none means nobody, and no call is made', async () => {
    for (const key of ['hr/a', 'hr/open/b', 'z']) await server.put(key, key)
    const aclRules = [
      { prefix: 'hr/', users: ['ann@example.com'], groups: ['hr'], anyone: false },
      { prefix: 'hr/open/', users: [], groups: [], anyone: true },
    ]
    const { bucket, run, list } = await connect(server, { config: { aclMode: 'rules', aclRules } })
    const { entries } = await list()
    const hr = [
      [
        { type: 'user', id: 'ann@example.com', email: 'ann@example.com' },
        { type: 'group', id: 'hr' },
      ],
    ]
    expect(entries.map((entry) => entry.acl?.allOf)).toEqual([hr, [[{ type: 'anyone' }]], undefined])
    expect(await collect(bucket, entries, run as never)).toEqual([hr, [[{ type: 'anyone' }]], [[]]])
    expect(server.calls).toHaveLength(1)
  })

  test('objectAcl: who the object says; what it does not say stays as it is', async () => {
    const grant = (grantee: string, permission: string): string =>
      `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x">${grantee}</Grantee><Permission>${permission}</Permission></Grant>`
    await server.put('a', 'a', {
      grants:
        grant('<ID>owner</ID>', 'FULL_CONTROL') +
        grant('<ID>writer</ID>', 'WRITE') +
        grant('<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>', 'READ'),
    })
    await server.put('b', 'b')
    const { bucket, run, list } = await connect(server, { config: { aclMode: 'objectAcl' } })
    const { entries } = await list()
    expect(entries.every((entry) => entry.acl === undefined)).toBe(true)
    server.fault({ operation: 'GetObjectAcl', key: 'b', status: 403, code: 'AccessDenied' })
    expect(await collect(bucket, entries, run as never)).toEqual([
      [[{ type: 'user', id: 'owner' }, { type: 'anyone' }]],
    ])
    expect(server.count('GetObject')).toBe(0)
  })
})
