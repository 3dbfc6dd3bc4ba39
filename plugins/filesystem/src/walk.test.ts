import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Tree, walk } from './walk.ts'

test('in parts of any size, from any place on: the same files in the same order', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cx-walk-')))
  const tree: Tree = { base: `${root}/`, wanted: () => true, pruned: () => false, acl: undefined }
  const { signal } = new AbortController()
  const places = async (options: { window?: number; after?: string }): Promise<string[]> => {
    const found = []
    for await (const { place } of walk(tree, {
      ...options,
      signal,
      unreadable: (_, error) => expect.fail(String(error)),
    }))
      found.push(place)
    return found
  }
  try {
    for (let index = 0; index < 120; index++) {
      const folder = ['', 'b', 'b/a', 'b-', 'm/n/o', 'z'][index % 6]!
      await mkdir(join(root, folder), { recursive: true })
      await writeFile(join(root, folder, `${(index * 31) % 17}${'ab.'[index % 3]}${index}`), '')
    }
    const all = await places({})
    expect(all).toHaveLength(120)
    for (const window of [1, 2, 5]) {
      expect(await places({ window }), String(window)).toEqual(all)
      for (const at of [0, 7, 40, 77, 118, 119])
        expect(await places({ window, after: all[at]! }), `${window} ${at}`).toEqual(all.slice(at + 1))
    }
  } finally {
    await rm(root, { recursive: true })
  }
})
