import { execFileSync } from 'node:child_process'
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpoint, Content, Entry, Json, Run } from '@cx/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import filesystem from '../src/index.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const posix = test.skipIf(process.platform === 'win32')
let root: string
let outside: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cx-folder-'))
  outside = await mkdtemp(join(tmpdir(), 'cx-outside-'))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
  await rm(outside, { recursive: true, force: true })
})

const run = (
  config: Record<string, Json> = {},
  signal = new AbortController().signal,
): Run<{ [key: string]: Json }> => ({
  config: { root, include: ['**/*'], exclude: [], access: 'anyone', ...config },
  log,
  signal,
})

async function open(config: Record<string, Json> = {}): Promise<unknown> {
  const { config: validated, signal } = run(config)
  return filesystem.connect({ config: validated, credentials: async () => ({ method: 'none' }), fetch, log, signal })
}

async function list(
  options: { config?: Record<string, Json>; resume?: Json; paths?: string[]; unreadable?: string[] } = {},
): Promise<{ entries: Entry[]; checkpoints: Checkpoint[] }> {
  const entries: Entry[] = []
  const checkpoints: Checkpoint[] = []
  const { config, unreadable = [], ...rest } = options
  const items = filesystem.list(await open(config), {
    ...run(config),
    ...rest,
    unreadable: (path) => unreadable.push(path),
  })
  for await (const item of items) 'kind' in item ? checkpoints.push(item) : entries.push(item)
  return { entries, checkpoints }
}

const paths = async (options?: Parameters<typeof list>[0]): Promise<string[]> =>
  (await list(options)).entries.map((entry) => entry.path)

async function put(path: string, text: string): Promise<Entry> {
  const body = new Blob([text]).stream()
  return filesystem.write!.put(await open(), { path, body, mimeType: 'text/plain' }, run())
}

const text = (content: Content): Promise<string> => new Response(content.body as ReadableStream<Uint8Array>).text()
const read = async (entry: Entry): Promise<Content> => filesystem.read(await open(), entry, run())

describe('list', () => {
  test('yields every file once, in the order of bytes, folder by folder', async () => {
    for (const path of ['b.txt', 'a/z.txt', 'a/b/c.txt', 'a.txt', 'Z.txt', '.hidden/x']) await put(path, path)
    const { entries } = await list()
    expect(entries.map((entry) => entry.path)).toEqual(['.hidden/x', 'Z.txt', 'a/b/c.txt', 'a/z.txt', 'a.txt', 'b.txt'])
    expect(entries[2]).toMatchObject({ id: 'a/b/c.txt', size: 9, acl: { allOf: [[{ type: 'anyone' }]] } })
    expect(await list()).toEqual({ entries, checkpoints: [] })
  })

  test('include and exclude are globs; nobody means no access list', async () => {
    for (const path of ['a.md', 'docs/b.md', 'docs/c.txt', 'docs/node_modules/d.md']) await put(path, '')
    const config = { include: ['docs/**', '*.md'], exclude: ['**/node_modules/**', '*.txt'], access: 'nobody' }
    const { entries } = await list({ config })
    expect(entries.map((entry) => entry.path)).toEqual(['a.md', 'docs/b.md', 'docs/c.txt'])
    expect(entries.every((entry) => entry.acl === undefined)).toBe(true)
  })

  posix('names are opaque: line breaks, spaces, both spellings of é, bytes that are no text', async () => {
    const names = [
      'line\nbreak/a\tb.txt',
      ' lead',
      'back\\slash',
      'e\u0301.txt',
      '\u00e9.txt',
      '\u{1f600}.txt',
      '%2e%2e',
    ]
    for (const name of names) await put(name, name)
    await writeFile(Buffer.concat([Buffer.from(`${root}/latin`), Buffer.from([0xe9]), Buffer.from('.txt')]), 'bytes')
    const { entries } = await list()
    expect(entries.map((entry) => entry.path).sort()).toEqual([...names, 'latin\ufffd.txt'].sort())
    for (const entry of entries) {
      expect(await text(await read(entry))).toBe(entry.path.startsWith('latin') ? 'bytes' : entry.path)
    }
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length)
  })

  posix('links to files inside are entries; links out, to folders, in circles and special files are not', async () => {
    await put('in/real.txt', 'inside')
    await writeFile(join(outside, 'secret.txt'), 'secret')
    await symlink('in/real.txt', join(root, 'link.txt'))
    await symlink(join(outside, 'secret.txt'), join(root, 'out.txt'))
    await symlink(outside, join(root, 'out'))
    await symlink('..', join(root, 'in', 'up'))
    await symlink('self', join(root, 'self'))
    await symlink('nowhere', join(root, 'broken'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const unreadable: string[] = []
    const { entries } = await list({ unreadable })
    expect(entries.map((entry) => entry.path)).toEqual(['in/real.txt', 'link.txt'])
    expect(unreadable).toEqual([])
    expect(await text(await read(entries[1]!))).toBe('inside')
    const behind = ['out.txt', 'out/', 'out/secret.txt', 'in/up/link.txt', 'in/up/', 'pipe']
    expect(await paths({ paths: behind, unreadable })).toEqual([])
    expect(unreadable).toEqual([])
    for (const id of ['out.txt', 'out/secret.txt', 'pipe', '../x', '/etc/passwd', 'a/../../x', 'a\0b', '', '/2e2e'])
      await expect(read({ id, path: id, version: '' }), id).rejects.toMatchObject({ name: 'ConnectorError' })
  })

  test('resumes after its checkpoints: nothing is lost, nothing before is repeated', async () => {
    for (let folder = 0; folder < 5; folder++) {
      await mkdir(join(root, `f${folder}`, 'deep'), { recursive: true })
      for (let file = 0; file < 300; file++)
        await writeFile(join(root, `f${folder}`, file % 2 ? 'deep' : '', `${file}.txt`), '')
    }
    const { entries, checkpoints } = await list()
    expect(entries).toHaveLength(1500)
    expect(checkpoints).toHaveLength(1)
    expect((await list({ resume: checkpoints[0]!.cursor })).entries).toEqual(entries.slice(1000))
    for (const at of [0, 151, 299, 300, 1499])
      expect((await list({ resume: entries[at]!.path })).entries).toEqual(entries.slice(at + 1))
  })

  test('paths: files, subtrees, missing ones', async () => {
    for (const path of ['a/b/c.txt', 'a/d.txt', 'e.txt', 'ab/x.txt']) await put(path, '')
    expect(await paths({ paths: ['e.txt', 'a/', 'gone.txt', 'gone/', 'e.txt/x', '../', 'a'] })).toEqual([
      'a/b/c.txt',
      'a/d.txt',
      'e.txt',
    ])
    expect(await paths({ paths: ['a/'], config: { exclude: ['a/b/**'] } })).toEqual(['a/d.txt'])
  })

  posix('a sub-folder that cannot be read is reported, the rest is listed', async () => {
    for (const path of ['a/x.txt', 'b/y.txt']) await put(path, '')
    await chmod(join(root, 'a'), 0)
    await chmod(root, 0o755)
    const unreadable: string[] = []
    const uid = process.geteuid!()
    try {
      // The superuser may read everything.
      if (uid === 0) process.seteuid!(65534)
      expect(await paths({ unreadable })).toEqual(['b/y.txt'])
      expect(unreadable).toEqual(['a'])
    } finally {
      process.seteuid!(uid)
      await chmod(join(root, 'a'), 0o755)
    }
  })

  test('a root that is missing, a file or replaced meanwhile is an error, never an empty listing', async () => {
    await put('a.txt', '')
    await expect(open({ root: join(root, 'none') })).rejects.toMatchObject({
      code: 'misconfigured',
      message: /none.*root/,
    })
    await expect(open({ root: join(root, 'a.txt') })).rejects.toMatchObject({ code: 'misconfigured' })
    const folder = await open()
    const listing = filesystem.list(folder, { ...run(), unreadable: () => {} })[Symbol.asyncIterator]()
    await listing.next()
    await rename(root, `${root}-old`)
    await mkdir(root)
    await expect(listing.next()).rejects.toMatchObject({ code: 'unavailable' })
    await rm(root, { recursive: true })
    await expect(
      filesystem
        .list(folder, { ...run(), unreadable() {} })
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({
      code: 'misconfigured',
    })
    await rename(`${root}-old`, root)
  })

  test('stops at an abort', async () => {
    for (const path of ['a/1', 'b/2', 'c/3']) await put(path, '')
    const stop = new AbortController()
    const listing = filesystem.list(await open(), { ...run({}, stop.signal), unreadable: () => {} })
    await expect(async () => {
      for await (const _ of listing) stop.abort(new Error('stop'))
    }).rejects.toThrow('stop')
  })
})

describe('versions and reading', () => {
  test('the version changes with the content, the time and the file itself, and only then', async () => {
    const first = await put('a.txt', 'one')
    expect((await list()).entries[0]).toEqual(first)
    const time = new Date(first.updatedAt!)
    await writeFile(join(root, 'b.txt'), 'two')
    await utimes(join(root, 'a.txt'), time, time)
    await utimes(join(root, 'b.txt'), time, time)
    const before = (await list()).entries[0]!
    await rename(join(root, 'b.txt'), join(root, 'a.txt'))
    const after = (await list()).entries[0]!
    expect([after.size, after.updatedAt]).toEqual([before.size, before.updatedAt])
    expect(after.version).not.toBe(before.version)
  })

  test('an empty file is an empty body, a large one comes in chunks', async () => {
    expect(await text(await read(await put('empty', '')))).toBe('')
    const large = 'x'.repeat(1_000_000)
    const content = await read(await put('large', large))
    const sizes: number[] = []
    for await (const chunk of content.body as ReadableStream<Uint8Array>) sizes.push(chunk.length)
    expect(sizes.length).toBeGreaterThan(5)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(large.length)
  })

  test('a file that changes while it is read fails', async () => {
    const entry = await put('a.txt', 'x'.repeat(300_000))
    for (const change of [() => appendFile(join(root, 'a.txt'), 'y'), () => writeFile(join(root, 'a.txt'), 'short')]) {
      const reader = ((await read(entry)).body as ReadableStream<Uint8Array>).getReader()
      await reader.read()
      await change()
      await expect(async () => {
        while (!(await reader.read()).done);
      }).rejects.toMatchObject({ code: 'unprocessable', message: /changed while it was read/ })
    }
  })

  test('a file that is gone is not_found', async () => {
    await expect(read({ id: 'gone', path: 'gone', version: '' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('write and browse', () => {
  test('put makes folders, replaces whole files and leaves nothing behind', async () => {
    const entry = await put('a/b/c.txt', 'old')
    expect(entry).toMatchObject({ path: 'a/b/c.txt', size: 3 })
    await put('a/b/c.txt', 'newer')
    expect(await readFile(join(root, 'a/b/c.txt'), 'utf8')).toBe('newer')
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: () => Promise.reject(new Error('connection lost')),
    })
    const folder = await open()
    const upload = { path: 'a/b/c.txt', body: broken, mimeType: 'text/plain' }
    await expect(filesystem.write!.put(folder, upload, run())).rejects.toThrow('connection lost')
    expect(await readFile(join(root, 'a/b/c.txt'), 'utf8')).toBe('newer')
    expect(await readdir(join(root, 'a/b'))).toEqual(['c.txt'])
  })

  test('put ends at an abort', async () => {
    const stop = new AbortController()
    const hanging = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    const upload = { path: 'a.txt', body: hanging, mimeType: 'text/plain' }
    const done = filesystem.write!.put(await open(), upload, run({}, stop.signal))
    stop.abort()
    await expect(done).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(root)).toEqual([])
  })

  posix('put, remove and browse refuse what leads outside', async () => {
    await symlink(outside, join(root, 'out'))
    await writeFile(join(outside, 'x.txt'), 'keep')
    for (const path of [
      '/abs.txt',
      '../x.txt',
      'a/../../x.txt',
      'a\0',
      '',
      'a//b',
      'dir/',
      './a',
      'out/x.txt',
      '/6162',
    ])
      await expect(put(path, 'evil'), path).rejects.toMatchObject({ code: 'unprocessable' })
    const folder = await open()
    const entry = { id: 'out/x.txt', path: 'out/x.txt', version: '' }
    await expect(filesystem.write!.remove!(folder, entry, run())).rejects.toMatchObject({ code: 'not_found' })
    expect(await readFile(join(outside, 'x.txt'), 'utf8')).toBe('keep')
    expect((await readdir(outside)).length).toBe(1)
    await expect(async () => {
      for await (const _ of filesystem.browse!.children(folder, 'out', run()));
    }).rejects.toMatchObject({ code: 'not_found' })
  })

  test('remove deletes the file, a second time it is not_found', async () => {
    const entry = await put('a/b.txt', '')
    const folder = await open()
    await filesystem.write!.remove!(folder, entry, run())
    expect(await paths()).toEqual([])
    await expect(filesystem.write!.remove!(folder, entry, run())).rejects.toMatchObject({ code: 'not_found' })
  })

  test('browse shows one level', async () => {
    for (const path of ['a/b/c.txt', 'a/d.txt', 'e.txt']) await put(path, '')
    const folder = await open()
    const level = async (path: string): Promise<unknown[]> => {
      const items = []
      for await (const item of filesystem.browse!.children(folder, path, run()))
        items.push([item.path, item.hasChildren])
      return items
    }
    expect(await level('')).toEqual([
      ['a', true],
      ['e.txt', false],
    ])
    expect(await level('a')).toEqual([
      ['a/b', true],
      ['a/d.txt', false],
    ])
    await expect(level('none')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('check reads as a sync does', async () => {
    const folder = await open()
    const statuses = async (): Promise<unknown> =>
      (await filesystem.check(folder, run())).checks?.map(({ status }) => status)
    expect(await statuses()).toEqual(['ok', 'skipped', 'ok'])
    await put('a.txt', 'a')
    expect(await statuses()).toEqual(['ok', 'ok', 'ok'])
  })
})
