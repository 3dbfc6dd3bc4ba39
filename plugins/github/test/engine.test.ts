import { startEngine } from '@cx/testing'
import { expect, it } from 'vitest'
import github from '../src/index.ts'
import { FakeGitHub } from './fake/server.ts'

it('syncs 3,000 files by the engine, then what changed, then one issue by its webhook path', async () => {
  const hub = await new FakeGitHub().start()
  const ann = hub.account('ann')
  hub.tokens.set('ghp_ann', 'ann')
  const repo = hub.repo(ann, 'docs')
  repo.commit(
    Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`d${index % 40}/${index}.txt`, `text ${index}`])),
  )
  repo.addIssue({
    number: 1,
    title: 'It breaks',
    comments: [{ user: 'bob', body: 'indeed', created_at: '2026-01-02T00:00:00Z' }],
  })
  await using engine = await startEngine(github, {
    config: { repos: ['ann/docs'], apiUrl: hub.url, includeIssues: true },
    credentials: { method: 'token', token: 'ghp_ann' },
  })
  const { text } = engine
  const sync: typeof engine.sync = (params) => {
    hub.forget()
    return engine.sync(params)
  }

  try {
    expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 3_001, indexed: 3_001, failed: 0 } })
    expect(hub.calls.filter(({ path }) => /\/git\/blobs\//.test(path))).toEqual([])
    expect(hub.calls.length).toBeLessThanOrEqual(14)
    expect(hub.counted).toBeLessThanOrEqual(10)
    expect(text('ann/docs/d7/7.txt')).toBe('text 7')
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 0, deleted: 0 } })
    expect(hub.counted).toBeLessThanOrEqual(1)

    repo.edit({ 'd7/7.txt': 'changed', 'd8/8.txt': null, 'new/9.txt': 'new' })
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 2, deleted: 1, failed: 0 } })
    expect([text('ann/docs/d7/7.txt'), text('ann/docs/d8/8.txt'), text('ann/docs/new/9.txt')]).toEqual([
      'changed',
      undefined,
      'new',
    ])

    repo.issues[0]!.body = 'mended'
    expect(await sync({ paths: ['ann/docs/issues/1'] })).toMatchObject({
      status: 'completed',
      progress: { indexed: 1 },
    })
    expect(text('ann/docs/issues/1')).toContain('mended')
    repo.issues.length = 0
    expect(await sync({ paths: ['ann/docs/issues/1'] })).toMatchObject({ progress: { deleted: 1 } })
  } finally {
    await hub.stop()
  }
})
