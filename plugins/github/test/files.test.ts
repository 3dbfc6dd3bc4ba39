import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Checkpoint, Entry } from '@cx/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drive } from './drive.ts'
import type { Files } from './fake/git.ts'
import { problem } from './fake/http.ts'
import { FakeGitHub } from './fake/server.ts'

let hub: FakeGitHub
const token = { method: 'token', token: 'ghp_ann' }

beforeEach(async () => {
  hub = await new FakeGitHub().start()
  hub.account('ann', 'User', 'ann@example.com')
  hub.account('acme', 'Organization')
  hub.tokens.set('ghp_ann', 'ann')
})
afterEach(() => hub.stop())

const owner = (login: string) => hub.accounts.find((one) => one.login === login)!
const open = (config: object = {}, credentials = token) =>
  drive({ config: { repos: ['acme/docs'], apiUrl: hub.url, ...config }, credentials })

function many(count: number, folders = 50): Record<string, string> {
  const files: Record<string, string> = {}
  for (let index = 0; index < count; index++) files[`d${index % folders}/file-${index}.txt`] = `content of ${index}\n`
  return files
}

/** Reads like an engine: several at once, about in order. */
async function readAll(
  driver: Awaited<ReturnType<typeof open>>,
  entries: readonly Entry[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  const queue = entries.filter((entry) => !entry.unavailable)
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) texts.set(entry.path, await driver.text(entry))
    }),
  )
  return texts
}

const expected = (files: Files, name = 'acme/docs') =>
  new Map(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text]))

describe('a first sync', () => {
  it('takes 10,000 files in at most 10 calls', async () => {
    const files = many(10_000, 500)
    hub.repo(owner('acme'), 'docs').commit(files)
    await using driver = await open()
    const cursor = await driver.now()
    const entries = await driver.list()
    const texts = await readAll(driver, entries)
    expect(texts).toEqual(expected(files))
    expect(hub.calls.length).toBeLessThanOrEqual(10)
    hub.forget()
    expect(await driver.since(cursor)).toMatchObject({ upserts: [], gone: [] })
    expect(hub.counted).toBeLessThanOrEqual(1)
  })

  it('hands out everything when all reads are asked for at once', async () => {
    const files = many(2_000)
    hub.repo(owner('acme'), 'docs').commit(files)
    await using driver = await open()
    const entries = await driver.list()
    const texts = await Promise.all(entries.map(async (entry) => [entry.path, await driver.text(entry)] as const))
    expect(new Map(texts)).toEqual(expected(files))
    expect(hub.calls.length).toBeLessThanOrEqual(10)
  })

  it('takes what the archive leaves out or changes by blob', async () => {
    const files = {
      ...many(400),
      'a/ignored.txt': 'not in the archive',
      'z/subst.txt': '$Format:%H$',
      'zz/last.txt': 'also ignored',
    }
    const repo = hub.repo(owner('acme'), 'docs')
    repo.commit(files)
    repo.exportIgnore.add('a/ignored.txt').add('zz/last.txt')
    repo.exportSubst.set('z/subst.txt', 'deadbeef')
    await using driver = await open()
    expect(await readAll(driver, await driver.list())).toEqual(expected(files))
    expect(hub.calls.filter(({ path }) => path.includes('/tarball/'))).toHaveLength(1)
    expect(hub.calls.filter(({ path }) => path.startsWith('codeload:')).map(({ authorized }) => authorized)).toEqual([
      false,
    ])
  })

  it('goes on where the archive broke off', async () => {
    const files: Record<string, string> = {}
    for (let index = 0; index < 400; index++) files[`f${index}.txt`] = randomBytes(1500).toString('hex')
    hub.repo(owner('acme'), 'docs').commit(files)
    let broken = 0
    hub.faults.push(({ path }) => (path.startsWith('codeload:') && broken++ === 0 ? 'drop' : undefined))
    await using driver = await open()
    expect(await readAll(driver, await driver.list())).toEqual(expected(files))
    expect(hub.calls.filter(({ path }) => path.startsWith('codeload:'))).toHaveLength(2)
  })

  it('does without an archive and without GraphQL', async () => {
    const files = many(200)
    hub.repo(owner('acme'), 'docs').commit(files)
    hub.archives = false
    hub.graphql = false
    await using driver = await open()
    expect(await readAll(driver, await driver.list())).toEqual(expected(files))
  })

  it('keeps binaries, large files and odd names intact, and leaves no temporary file', async () => {
    const random = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251))
    const files = {
      ...many(300),
      'big.bin': random,
      'latin1.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
      'sp ace/ü#?%.md': 'odd',
      [`long/${'n'.repeat(150)}/${'m'.repeat(120)}.txt`]: 'long',
      'empty.txt': '',
    }
    hub.repo(owner('acme'), 'docs').commit(files)
    const driver = await open()
    const entries = await driver.list()
    const bodies = new Map(
      await Promise.all(entries.map(async (entry) => [entry.path, await driver.bytes(entry)] as const)),
    )
    for (const [path, content] of Object.entries(files))
      expect(bodies.get(`acme/docs/${path}`)!.equals(Buffer.from(content))).toBe(true)
    expect(entries.find(({ path }) => path.endsWith('%.md'))!.url).toBe(
      'https://github.com/acme/docs/blob/main/sp%20ace/%C3%BC%23%3F%25.md',
    )
    await driver[Symbol.asyncDispose]()
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('cx-github-'))).toEqual([])
  })

  it('downloads hardly anything of an archive that nobody reads on', async () => {
    const files: Record<string, Buffer> = {}
    for (let index = 0; index < 300; index++) files[`f${String(index).padStart(3, '0')}.bin`] = randomBytes(200_000)
    hub.repo(owner('acme'), 'docs').commit(files)
    await using driver = await open()
    const [first] = await driver.list()
    await driver.bytes(first!)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(hub.archiveBytes).toBeLessThan(35_000_000)
  })
})

describe('the listing', () => {
  it('opens truncated trees down to what was cut', async () => {
    const files: Record<string, string> = { 'README.md': 'x' }
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < 4; b++) for (let c = 0; c < 5; c++) files[`a${a}/b${b}/c${c}.txt`] = `${a}${b}${c}`
    const repo = hub.repo(owner('acme'), 'docs')
    repo.commit(files)
    hub.treeLimit = 12
    await using driver = await open()
    const paths = (await driver.list()).map(({ path }) => path)
    expect(paths).toEqual([...expected(files).keys()].sort())
    const cursor = await driver.now()
    hub.forget()
    repo.edit({ 'a1/b1/c1.txt': 'changed', 'a2/b2/c2.txt': null })
    const { upserts, gone } = await driver.since(cursor)
    expect(upserts.map(({ path }) => path)).toEqual(['acme/docs/a1/b1/c1.txt'])
    expect(gone).toEqual([`${repo.id}/a2/b2/c2.txt`])
  })

  it('reports links, submodules and LFS pointers for what they are', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12345\n`
    hub.repo(owner('acme'), 'docs').commit({
      link: { content: 'README.md', mode: '120000' },
      sub: { content: 'c'.repeat(40), mode: '160000' },
      'run.sh': { content: '#!/bin/sh\n', mode: '100755' },
      'pic.png': pointer,
    })
    await using driver = await open()
    const byPath = new Map((await driver.list()).map((entry) => [entry.path, entry]))
    expect(byPath.get('acme/docs/link')!.unavailable).toMatch(/symbolic link/i)
    expect(byPath.get('acme/docs/sub')!.unavailable).toMatch(/submodule/i)
    expect(await driver.text(byPath.get('acme/docs/run.sh')!)).toBe('#!/bin/sh\n')
    const picture = await driver.read(byPath.get('acme/docs/pic.png')!)
    expect(picture).toMatchObject({ mimeType: 'text/plain', filename: 'pic.png.lfs.txt' })
  })

  it('finds nothing in an empty repository, at once', async () => {
    hub.repo(owner('acme'), 'docs')
    await using driver = await open()
    const started = Date.now()
    expect(await driver.list()).toEqual([])
    expect(driver.unreadable).toEqual([])
    expect(Date.now() - started).toBeLessThan(2_000)
    const cursor = await driver.now()
    hub.repos[0]!.commit({ 'a.md': 'first' })
    expect((await driver.since(cursor)).upserts).toHaveLength(1)
  })

  it.each([
    ['docs/', ['docs/a.md', 'docs/deep/b.txt']],
    ['docs', ['docs/a.md', 'docs/deep/b.txt']],
    ['**/*.md', ['README.md', 'docs/a.md']],
    ['*.md\nsrc/', ['README.md', 'src/x.ts']],
    ['docs/\n!**/*.txt', ['docs/a.md']],
  ])('pathFilter %j', async (pathFilter, wanted) => {
    hub
      .repo(owner('acme'), 'docs')
      .commit({ 'README.md': '1', 'docs/a.md': '2', 'docs/deep/b.txt': '3', 'src/x.ts': '4', 'docsy.txt': '5' })
    await using driver = await open({ pathFilter })
    expect((await driver.list()).map(({ path }) => path)).toEqual(wanted.map((path) => `acme/docs/${path}`))
  })

  it('resumes from each checkpoint to the same set, and begins anew when the branch moved', async () => {
    const files = many(1_700)
    const repo = hub.repo(owner('acme'), 'docs')
    repo.commit(files)
    hub.repo(owner('acme'), 'more').commit(many(600))
    await using driver = await open({ repos: ['acme/docs', 'acme/more'] })
    const before: string[] = []
    const checkpoints: { at: number; cursor: Checkpoint['cursor'] }[] = []
    for await (const item of driver.items())
      if ('kind' in item) checkpoints.push({ at: before.length, cursor: item.cursor })
      else before.push(item.id)
    expect(checkpoints.length).toBeGreaterThanOrEqual(4)
    for (const { at, cursor } of checkpoints) {
      expect(JSON.stringify(cursor).length).toBeLessThan(1_000)
      expect((await driver.list({ resume: cursor })).map(({ id }) => id)).toEqual(before.slice(at))
    }
    repo.edit({ 'd0/file-0.txt': 'changed' })
    expect(await driver.list({ resume: checkpoints.at(-1)!.cursor })).toHaveLength(before.length)
  })

  it('lists only what a targeted sync asks for', async () => {
    hub.repo(owner('acme'), 'docs').commit({ 'a.md': '1', 'b/c.md': '2', 'b/d.md': '3' })
    hub.repo(owner('acme'), 'more').commit({ 'a.md': '1' })
    await using driver = await open({ repos: ['acme/*'] })
    const paths = (await driver.list({ paths: ['acme/docs/b/', 'acme/docs/a.md', 'acme/docs/gone.md'] })).map(
      ({ path }) => path,
    )
    expect(paths).toEqual(['acme/docs/a.md', 'acme/docs/b/c.md', 'acme/docs/b/d.md'])
  })
})

describe('repositories', () => {
  it('takes owner/*, ids and names, each once, without forks', async () => {
    const one = hub.repo(owner('acme'), 'one')
    one.commit({ 'a.md': '1' })
    hub.repo(owner('acme'), 'two').commit({ 'a.md': '2' })
    const fork = hub.repo(owner('acme'), 'fork')
    fork.commit({ 'a.md': '3' })
    fork.fork = true
    const mine = hub.repo(owner('ann'), 'private')
    mine.commit({ 'a.md': '4' })
    mine.visibility = 'private'
    await using driver = await open({ repos: ['acme/*', String(one.id), 'ACME/one', 'ann/*'] })
    expect((await driver.list()).map(({ path }) => path)).toEqual([
      'acme/one/a.md',
      'acme/two/a.md',
      'ann/private/a.md',
    ])
  })

  it('reports one that is missing and fails when all are', async () => {
    hub.repo(owner('acme'), 'docs').commit({ 'a.md': '1' })
    const hidden = hub.repo(owner('acme'), 'hidden')
    hidden.visibility = 'private'
    await using driver = await open({ repos: ['acme/docs', 'acme/hidden'] })
    expect(await driver.list()).toHaveLength(1)
    expect(driver.unreadable).toMatchObject([{ path: 'acme/hidden/', error: { code: 'not_found' } }])
    const cursor = await driver.now()
    hidden.visibility = 'public'
    hidden.commit({ 'b.md': 'x' })
    await expect(driver.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
    await using other = await open({ repos: ['acme/nothing'] })
    await expect(other.list()).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(other.now()).rejects.toMatchObject({ code: 'misconfigured' })
  })

  it('names a branch that is not there, and reads one with a slash', async () => {
    const repo = hub.repo(owner('acme'), 'docs')
    repo.commit({ 'a.md': '1' })
    repo.commit({ 'b.md': '1' }, 'feature/x')
    await using driver = await open({ branch: 'feature/x' })
    expect((await driver.list()).map(({ path }) => path)).toEqual(['acme/docs/b.md'])
    await using wrong = await open({ branch: 'nope' })
    expect(await wrong.list()).toEqual([])
    expect(wrong.unreadable).toMatchObject([
      { error: { code: 'misconfigured', message: expect.stringContaining('nope') } },
    ])
  })

  it('is not fooled by a tree that fails on its way', async () => {
    hub.repo(owner('acme'), 'docs').commit(many(30))
    hub.faults.push(({ path }) => (path.includes('/git/trees/') ? problem(502, 'Server Error') : undefined))
    await using driver = await open()
    await expect(driver.list()).rejects.toMatchObject({ code: 'unavailable' })
  })
})
