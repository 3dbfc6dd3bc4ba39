import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Child, childrenOf, temporary } from './children.ts'
import { fromText } from './names.ts'

test('a folder that is larger than what fits comes in parts: each name once, in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cx-children-'))
  const names = Array.from({ length: 500 }, (_, index) => `${(index * 7919) % 1000}-${index}é`)
  for (const name of [...names, `${temporary}x`]) await writeFile(join(folder, name), '')
  try {
    for (const limit of [1, 7, 100, 250, 499, 500, 501, 5000]) {
      const path = { path: fromText(folder), isSmall: limit % 2 === 0 }
      const seen: string[] = []
      let parts = 0
      for (let behind: string | undefined = ''; behind !== undefined; ) {
        const last: string = behind
        const { children, more } = await childrenOf(path, ({ name }: Child) => name > last, limit)
        expect(children.length).toBeLessThanOrEqual(limit)
        seen.push(...children.map(({ name }) => name))
        behind = more
        if (++parts > 500) break
      }
      expect(seen, String(limit)).toEqual(names.map(fromText).sort())
      expect(parts).toBe(Math.ceil(500 / limit))
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
