import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '@cx/testing'
import { expect, test } from 'vitest'
import filesystem from '../src/index.ts'

test.skipIf(process.platform === 'win32')('by the engine: what cannot be looked at or named stays', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cx-engine-'))
  const uid = process.geteuid!()
  try {
    for (const name of ['a', 'b']) {
      await mkdir(join(root, name))
      await writeFile(join(root, name, 'x.txt'), name)
    }
    await writeFile(Buffer.concat([Buffer.from(`${root}/b/`), Buffer.from([0xe9]), Buffer.from('.txt')]), 'latin')
    await using engine = await startEngine(filesystem, { config: { root } })
    expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 3 } })

    // Asked for by the only path that people and webhooks have for it.
    expect(await engine.sync({ paths: ['b/\ufffd.txt'] })).toMatchObject({ progress: { deleted: 0 } })
    expect(engine.text('b/\ufffd.txt')).toBe('latin')

    await chmod(root, 0o755)
    await chmod(join(root, 'a'), 0o444)
    if (uid === 0) process.seteuid!(65534)
    expect(await engine.sync({ mode: 'full' })).toMatchObject({ status: 'partial' })
    process.seteuid!(uid)
    await chmod(join(root, 'a'), 0o755)
    expect(engine.indexed).toBe(3)

    await rename(root, `${root}-away`)
    expect(await engine.sync()).toMatchObject({ status: 'failed', error: { code: 'misconfigured' } })
    await rename(`${root}-away`, root)
    expect(engine.indexed).toBe(3)

    await rm(join(root, 'a/x.txt'))
    expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { deleted: 1 } })
  } finally {
    process.seteuid!(uid)
    await rm(root, { recursive: true, force: true })
  }
})
