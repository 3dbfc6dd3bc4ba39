import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPlugin } from '../src/index.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cx-create-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('what it makes is green on the score card from the start', async () => {
  const target = join(folder, 'cx-plugin-wiki-farm')
  const { name } = await createPlugin({ folder: target, title: "Ada's Wiki" })
  expect(name).toBe('wiki_farm')
  const source = await readFile(join(target, 'src/index.ts'), 'utf8')
  expect(source).toContain("name: 'wiki_farm'")
  expect(source).not.toContain('filesystem')
  const manifest = JSON.parse(await readFile(join(target, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({
    name: 'cx-plugin-wiki-farm',
    peerDependencies: { '@cx/core': expect.stringMatching(/^\^\d/) },
  })
  expect(JSON.stringify(manifest)).not.toContain('workspace:')
  // Stands in for npm install: the same packages, from this checkout.
  await symlink(join(root, 'plugins/filesystem/node_modules'), join(target, 'node_modules'))
  const kit = join(root, 'packages/testing/src/cli.ts')
  const card = join(folder, 'card.json')
  await run(process.execPath, [
    '--conditions=cx-source',
    kit,
    join(target, 'src/index.ts'),
    '--fixture',
    join(target, 'test/conformance.fixture.ts'),
    '--json',
    card,
    '--big-mb',
    '16',
  ])
  const { ok, results } = JSON.parse(await readFile(card, 'utf8'))
  expect(ok).toBe(true)
  expect(results.filter((result: { status: string }) => result.status === 'passed').length).toBeGreaterThan(25)
}, 120_000)

test('a folder with something in it and a name that is none are refused', async () => {
  const full = await mkdtemp(join(folder, 'full-'))
  await writeFile(join(full, 'mine.txt'), '')
  await expect(createPlugin({ folder: full, name: 'x' })).rejects.toThrow('is not empty')
  await expect(createPlugin({ folder: join(folder, '7') })).rejects.toThrow('snake_case')
})
