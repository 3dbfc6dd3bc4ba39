import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Entry, Json, Run } from '@cx/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBody } from '../src/body.ts'
import filesystem from '../src/index.ts'
import { hold } from '../src/inside.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const posix = test.skipIf(process.platform === 'win32')
let root: string
let outside: string
let run: Run<{ [key: string]: Json }>
let folder: unknown
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cx-folder-'))
  outside = await mkdtemp(join(tmpdir(), 'cx-outside-'))
  await writeFile(join(outside, 'secret.txt'), 'secret')
  const { signal } = new AbortController()
  run = { config: { root, include: ['**/*'], exclude: [], access: 'anyone' }, log, signal }
  folder = await filesystem.connect({ ...run, credentials: async () => ({ method: 'none' }), fetch })
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
  await rm(outside, { recursive: true, force: true })
})

const list = (paths?: string[], unreadable: string[] = []): AsyncIterable<unknown> =>
  filesystem.list(folder, {
    ...run,
    ...(paths === undefined ? {} : { paths }),
    unreadable: (path) => unreadable.push(path),
  })
const entries = (paths?: string[], unreadable?: string[]): Promise<Entry[]> =>
  Array.fromAsync(list(paths, unreadable) as AsyncIterable<Entry>)
const put = (path: string, text = 'x'): Promise<Entry> =>
  filesystem.write!.put(folder, { path, body: new Blob([text]).stream(), mimeType: 'text/plain' }, run)
const read = async (id: string): Promise<string> => {
  const { body } = await filesystem.read(folder, { id, path: id, version: '' }, run)
  return new Response(body as ReadableStream<Uint8Array>).text()
}

posix('a link that takes the place of a folder after it was looked at leads nobody out', async () => {
  await symlink(outside, join(root, 'out'))
  // What `read` has when the link comes between its look at the way and its opening of the file.
  await expect(openBody(join(root, 'out/secret.txt'), 'out/secret.txt', `${root}/`)).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await hold(`${root}/`, join(root, 'out'))).toBeUndefined()
  await put('a.txt')
  await put('b/secret.txt', 'own')
  const unreadable: string[] = []
  const listed = []
  for await (const entry of list(undefined, unreadable)) {
    listed.push((entry as Entry).path)
    await rename(join(root, 'b'), join(root, 'was-b'))
    await symlink(outside, join(root, 'b'))
  }
  expect(listed).toEqual(['a.txt'])
  expect(unreadable).toEqual(['b'])
  await expect(read('b/secret.txt')).rejects.toMatchObject({ code: 'not_found' })
  await expect(put('b/c.txt')).rejects.toMatchObject({ code: 'unprocessable' })
  await expect(
    filesystem.write!.remove!(folder, { id: 'b/secret.txt', path: '', version: '' }, run),
  ).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await readdir(outside)).toEqual(['secret.txt'])
})

posix('an upload through a link that stays inside is the file that is listed', async () => {
  await mkdir(join(root, 'real'))
  await symlink('real', join(root, 'link'))
  const entry = await put('link/a.txt', 'text')
  expect(entry.path).toBe('real/a.txt')
  expect(await entries()).toEqual([entry])
  expect(await entries(['link/a.txt', 'link/'])).toEqual([])
  await expect(put('b/.cx-upload-1')).rejects.toMatchObject({ code: 'unprocessable' })
})

posix('a folder whose names may be read and nothing else is reported once, as a whole', async () => {
  for (let index = 0; index < 200; index++) await put(`shut/${index}.txt`)
  await put('z.txt')
  await chmod(join(root, 'shut'), 0o444)
  await chmod(root, 0o755)
  const uid = process.geteuid!()
  const unreadable: string[] = []
  try {
    // The superuser may look at everything.
    if (uid === 0) process.seteuid!(65534)
    expect((await entries(undefined, unreadable)).map(({ path }) => path)).toEqual(['z.txt'])
    expect(unreadable).toEqual(['shut'])
  } finally {
    process.seteuid!(uid)
    await chmod(join(root, 'shut'), 0o755)
  }
})

posix('a path that shows bytes which are no text is looked for, not taken for gone', async () => {
  await mkdir(join(root, 'a'))
  for (const byte of [0xe8, 0xe9])
    await writeFile(Buffer.concat([Buffer.from(`${root}/a/`), Buffer.from([byte]), Buffer.from('.txt')]), 'x')
  const all = await entries()
  expect(all.map(({ path }) => path)).toEqual(['a/\ufffd.txt', 'a/\ufffd.txt'])
  expect(await entries(['a/\ufffd.txt'])).toEqual(all)
})

posix('a socket is neither listed nor read', async () => {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(join(root, 'socket'), listening))
  try {
    expect(await entries()).toEqual([])
    await expect(read('socket')).rejects.toMatchObject({ code: 'unprocessable' })
  } finally {
    await new Promise((closed) => server.close(closed))
  }
})

test('where times have whole seconds, a file of this moment is read once more', async () => {
  await put('a.txt')
  const second = Math.floor(Date.now() / 1000)
  const versionAt = async (time: number): Promise<string> => {
    await utimes(join(root, 'a.txt'), time, time)
    return (await entries())[0]!.version
  }
  expect(await versionAt(second)).toMatch(/~$/)
  expect(await versionAt(second - 10)).not.toMatch(/~$/)
  expect(await versionAt(second - 0.5)).not.toMatch(/~$/)
})

test('a very deep folder is made in seconds', async () => {
  const path = `${'d/'.repeat(1_200)}a.txt`
  const before = performance.now()
  await put(path)
  expect(await readFile(join(root, path), 'utf8')).toBe('x')
  // Half a minute where each folder means a look at all above it.
  expect(performance.now() - before).toBeLessThan(10_000)
}, 60_000)
