import { expect, test } from 'vitest'
import { drive } from './drive.ts'
import { FakeGitHub } from './fake/server.ts'

test('a folder with more entries than GitHub lists is reported, and the other repositories go on', async () => {
  const hub = await new FakeGitHub().start()
  const acme = hub.account('acme')
  hub.treeLimit = 2
  hub.levelLimit = 2
  hub.repo(acme, 'wide').commit({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' })
  hub.repo(acme, 'small').commit({ 'a.txt': 'a' })
  await using opened = await drive({ config: { repos: ['acme/wide', 'acme/small'], apiUrl: hub.url } })
  expect(await opened.paths()).toContain('acme/small/a.txt')
  expect(opened.unreadable.map(({ path, error }) => [path, error.code])).toEqual([['acme/wide/', 'unprocessable']])
  await hub.stop()
})
