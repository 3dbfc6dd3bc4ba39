import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnector } from '@cx/testing'
import { expect, test, vi } from 'vitest'
import filesystem from '../src/index.ts'
import { hold } from '../src/inside.ts'

/** As on systems that do not tell the place of what is open: macOS, Windows, a container without /proc. */
vi.mock('node:fs', async (original) => ({ ...(await original<typeof import('node:fs')>()), existsSync: () => false }))

test.skipIf(process.platform === 'win32')('without /proc: the same files, and still no way out', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cx-folder-'))
  const outside = await mkdtemp(join(tmpdir(), 'cx-outside-'))
  try {
    await using held = await hold(`${root}/`, root)
    expect(held).toMatchObject({ place: '', path: `${root}/` })
    await using folder = await openConnector(filesystem, { config: { root } })
    const { session, run } = folder
    const put = (path: string) =>
      filesystem.write!.put(session, { path, body: new Blob(['x']).stream(), mimeType: 'text/plain' }, run)
    const entries = [await put('a/b/c.txt'), await put('d.txt')]
    await writeFile(join(outside, 'secret.txt'), 'secret')
    await symlink(outside, join(root, 'out'))
    await symlink('a/b/c.txt', join(root, 'in'))
    expect(await folder.list({ paths: ['a/', 'd.txt', 'out/', 'out/secret.txt'] })).toEqual(entries)
    expect(await folder.paths()).toEqual(['a/b/c.txt', 'd.txt', 'in'])
    for (const entry of await folder.list()) expect(await folder.text(entry)).toBe('x')
    const secret = { id: 'out/secret.txt', path: 'out/secret.txt', version: '' }
    await expect(folder.read(secret)).rejects.toMatchObject({ code: 'not_found' })
    await expect(put('out/x.txt')).rejects.toMatchObject({ code: 'unprocessable' })
    await expect(filesystem.write!.remove!(session, secret, run)).rejects.toMatchObject({ code: 'not_found' })
    await filesystem.write!.remove!(session, entries[0]!, run)
    expect(await folder.paths()).toEqual(['d.txt'])
    expect((await folder.browse()).map(({ path }) => path)).toEqual(['a', 'd.txt'])
  } finally {
    await rm(root, { recursive: true })
    await rm(outside, { recursive: true })
  }
})
