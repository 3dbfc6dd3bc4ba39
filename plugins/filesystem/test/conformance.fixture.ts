import { mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Fixture } from '@cx/testing'

export const fixture: Fixture = {
  name: 'temporary folder',
  async start() {
    const root = await mkdtemp(join(tmpdir(), 'cx-conformance-'))
    const write = async (key: string, content: string): Promise<void> => {
      await mkdir(dirname(join(root, key)), { recursive: true })
      await writeFile(join(root, key), content)
    }
    return {
      config: { root },
      badConfig: { root: join(root, 'missing') },
      alternatives: [{ root, include: ['**/*'], exclude: ['*.tmp'], access: 'nobody' }],
      put: write,
      remove: (key) => rm(join(root, key)),
      async rename(from, to) {
        await mkdir(dirname(join(root, to)), { recursive: true })
        await rename(join(root, from), join(root, to))
      },
      close: () => rm(root, { recursive: true, force: true }),
      big: {
        async entries(count) {
          await mkdir(join(root, 'many'), { recursive: true })
          for (let index = 0; index < count; index++) await writeFile(join(root, 'many', `${index}.txt`), '')
        },
        async file(key, bytes) {
          await write(key, '')
          const file = await open(join(root, key), 'r+')
          await file.truncate(bytes)
          await file.close()
        },
      },
    }
  },
}
