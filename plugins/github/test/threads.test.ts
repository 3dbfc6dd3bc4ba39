import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drive } from './drive.ts'
import type { FakeRepo } from './fake/model.ts'
import { FakeGitHub } from './fake/server.ts'
import { FakeWiki, hasGit } from './fake/wikis.ts'

let hub: FakeGitHub
let repo: FakeRepo

beforeEach(async () => {
  hub = await new FakeGitHub().start()
  hub.tokens.set('ghp_ann', 'ann')
  hub.account('ann')
  repo = hub.repo(hub.account('acme', 'Organization'), 'docs')
  repo.commit({ 'README.md': 'x' })
})
afterEach(() => hub.stop())

const open = (config: object) =>
  drive({
    config: { repos: ['acme/docs'], apiUrl: hub.url, includeFiles: false, ...config },
    credentials: { method: 'token', token: 'ghp_ann' },
  })

const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`

describe('issues and pull requests', () => {
  beforeEach(() => {
    repo.addIssue({
      number: 1,
      title: 'It breaks',
      labels: ['bug'],
      comments: [
        { user: 'bob', body: 'second', created_at: at(2) },
        { user: 'ann', body: 'first', created_at: at(1) },
      ],
    })
    const comments = [{ user: 'bob', body: 'rename this', created_at: at(5), path: 'src/x.ts' }]
    const reviews = [{ user: 'bob', state: 'APPROVED', body: 'fine', comments }]
    repo.addIssue({ number: 2, title: 'Mend it', pull: { reviews } })
  })

  it.each([true, false])('reads whole conversations (GraphQL: %s)', async (graphql) => {
    hub.graphql = graphql
    await using driver = await open({ includeIssues: true, includePullRequests: true })
    const [issue, pull] = await driver.list()
    expect(issue).toMatchObject({
      path: 'acme/docs/issues/1',
      title: 'It breaks',
      author: 'ann',
      metadata: { kind: 'issue' },
    })
    expect(pull).toMatchObject({ path: 'acme/docs/pull/2', metadata: { kind: 'pull_request' } })
    const text = await driver.text(issue!)
    expect(text).toMatch(
      /^# It breaks\n\nIssue #1 by ann.*open\n\nLabels: bug\n\ntext\n\n## ann.*\n\nfirst\n\n## bob.*\n\nsecond\n$/,
    )
    const review = await driver.text(pull!)
    expect(review).toContain('review: approved')
    expect(review).toContain('on src/x.ts)\n\nrename this')
  })

  it('reads longer threads than a page to the end', async () => {
    const comments = Array.from({ length: 230 }, (_, index) => ({
      user: 'bob',
      body: `remark ${index}`,
      created_at: at(index % 60),
    }))
    repo.addIssue({ number: 3, title: 'Long', comments })
    await using driver = await open({ includeIssues: true })
    const text = await driver.text((await driver.list()).at(-1)!)
    for (const { body } of comments) expect(text).toContain(`${body}\n`)
  })

  it('follows links alone through 250 issues, and batches their reading', async () => {
    for (let number = 10; number < 260; number++) repo.addIssue({ number, title: `Issue ${number}` })
    await using driver = await open({ includeIssues: true })
    const entries = await driver.list()
    expect(entries).toHaveLength(251)
    hub.forget()
    await Promise.all(entries.map((entry) => driver.read(entry)))
    expect(hub.calls.length).toBeLessThanOrEqual(13)
  })

  it('feeds changes, closings and nothing when nothing happened', async () => {
    await using driver = await open({ includeIssues: true, state: 'open' })
    const first = await driver.now()
    repo.issues[0]!.comments.push({ user: 'ann', body: 'news', created_at: at(9) })
    repo.issues[0]!.updated_at = '2026-04-01T00:00:00Z'
    const second = await driver.since(first)
    expect(second.upserts.map(({ path }) => path)).toEqual(['acme/docs/issues/1'])
    const third = await driver.since(second.next)
    hub.forget()
    const fourth = await driver.since(third.next)
    expect(fourth).toMatchObject({ upserts: [], gone: [] })
    expect(hub.counted).toBe(0)
    repo.issues[0]!.state = 'closed'
    repo.issues[0]!.updated_at = '2026-04-02T00:00:00Z'
    expect((await driver.since(fourth.next)).gone).toEqual([`${repo.id}#1`])
  })

  it('sees two edits within one second, and asks for single issues alone when told to', async () => {
    await using driver = await open({ includeIssues: true })
    const [before] = await driver.list()
    repo.issues[0]!.body = 'other text'
    const [after] = await driver.list()
    expect(after!.version).not.toBe(before!.version)
    hub.forget()
    expect(await driver.list({ paths: ['acme/docs/issues/1', 'acme/docs/issues/99'] })).toHaveLength(1)
    expect(hub.calls.filter(({ path }) => path.includes('/issues?'))).toHaveLength(1)
  })

  it('is not cut short when the entry it resumes behind has gone', async () => {
    await using driver = await open({ includeIssues: true })
    let cursor = null
    for await (const item of driver.items()) if ('kind' in item) cursor = item.cursor
    repo.addIssue({ number: 4, title: 'Four', updated_at: '2026-01-01T00:00:00Z' })
    repo.issues.splice(0, 1)
    expect((await driver.list({ resume: cursor })).map(({ title }) => title)).toEqual(['Four'])
  })
})

it('reads discussions with replies, and their changes', async () => {
  const made = {
    number: 7,
    title: 'Ideas',
    body: 'what if',
    state: 'open' as const,
    user: 'ann',
    labels: [],
    created_at: at(1),
    updated_at: at(2),
  }
  repo.discussions.push({
    ...made,
    comments: Array.from({ length: 120 }, (_, index) => ({ user: 'bob', body: `yes ${index}`, created_at: at(3) })),
  })
  await using driver = await open({ includeDiscussions: true })
  const [entry] = await driver.list()
  expect(entry).toMatchObject({ path: 'acme/docs/discussions/7', title: 'Ideas' })
  expect(await driver.text(entry!)).toContain('yes 119')
  const cursor = await driver.now()
  repo.discussions.push({ ...made, number: 8, comments: [], updated_at: at(8) })
  expect((await driver.since(cursor)).upserts.map(({ path }) => path)).toContain('acme/docs/discussions/8')
})

it('reads release notes, and sees edits and removals of them', async () => {
  repo.releases.push(
    { id: 1, tag: 'v1', name: 'One', body: 'born' },
    { id: 2, tag: 'v2', name: 'Two', body: 'grown', draft: true },
  )
  await using driver = await open({ includeReleases: true })
  const [entry, ...rest] = await driver.list()
  expect(rest).toEqual([])
  expect(await driver.text(entry!)).toContain('born')
  const cursor = await driver.now()
  expect(await driver.since(cursor)).toMatchObject({ upserts: [], gone: [], next: cursor })
  repo.releases.splice(0, 1, { id: 3, tag: 'v3', name: '', body: 'new' })
  const { upserts, gone } = await driver.since(cursor)
  expect(upserts.map(({ title }) => title)).toEqual(['v3'])
  expect(gone).toEqual([`${repo.id}#release/1`])
})

it.skipIf(!hasGit)('reads a wiki by Git, and its changes', async () => {
  const wiki = new FakeWiki()
  hub.wikis.set('acme/docs', wiki)
  wiki.write({ 'Home.md': '# Home', 'How-To.md': 'steps' })
  await using driver = await open({ includeWiki: true })
  const entries = await driver.list()
  expect(entries.map(({ path, title }) => [path, title])).toEqual([
    ['acme/docs/wiki/Home.md', 'Home'],
    ['acme/docs/wiki/How-To.md', 'How To'],
  ])
  expect(await driver.text(entries[1]!)).toBe('steps')
  const cursor = await driver.now()
  wiki.write({ 'Home.md': null, 'New.md': 'new' })
  const { upserts, gone } = await driver.since(cursor)
  expect(upserts.map(({ path }) => path)).toContain('acme/docs/wiki/New.md')
  expect(gone).toEqual([`${repo.id}#wiki/Home.md`])
})

it('finds no wiki where there is none', async () => {
  await using driver = await open({ includeWiki: true })
  expect(await driver.list()).toEqual([])
  expect(driver.unreadable).toEqual([])
})

it('fetches LFS files when told to, without the token at the storage host', async () => {
  const content = Buffer.from('a large picture')
  const oid = createHash('sha256').update(content).digest('hex')
  hub.lfsObjects.set(oid, content)
  repo.commit({ 'pic.png': `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n` })
  await using driver = await open({ includeFiles: true, lfs: 'fetch' })
  const [entry] = await driver.list()
  expect(await driver.text(entry!)).toBe('a large picture')
})
