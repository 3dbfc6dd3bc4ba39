import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScoreCard } from '../src/check.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cx-testing-'))
})
afterAll(() => rm(folder, { recursive: true }))

function run(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=cx-source', path('../src/cli.ts'), ...args],
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

test('a good connector: exit code 0, a line for each law, JUnit and JSON, no colours off a terminal', async () => {
  const [junit, json] = [join(folder, 'card.xml'), join(folder, 'card.json')]
  // The fixture is found beside the connector.
  const { code, out } = await run(
    path('./example/notes.ts'),
    '--only',
    'list',
    '--only',
    'permissions',
    '--junit',
    junit,
    '--json',
    json,
  )
  expect(out).toContain('✓ list.unique')
  expect(out).toMatch(/- permissions\.follow +not applicable: the fixture has no `setAcl`/)
  expect(out).toMatch(/notes: \d+ passed, 0 failed, \d+ not applicable of \d+ laws/)
  expect(out).not.toContain('\u001b')
  expect(code).toBe(0)
  const card = JSON.parse(await readFile(json, 'utf8')) as ScoreCard
  expect(card.ok).toBe(true)
  expect(card.results.find((law) => law.id === 'list.unique')?.status).toBe('passed')
  const xml = await readFile(junit, 'utf8')
  expect(xml).toContain('<testcase classname="notes.list" name="list.unique"')
  expect(xml).toContain('<skipped message="not applicable:')
})

test('a broken connector: exit code 1, and what is wrong', async () => {
  const broken = join(folder, 'broken.ts')
  const from = (name: string) => JSON.stringify(path(name))
  await writeFile(
    broken,
    `import notes from ${from('./example/notes.ts')}
export { fixture } from ${from('./example/conformance.fixture.ts')}
export default { ...notes, async *list(...given) { for await (const item of notes.list(...given)) { yield item; if (item.id) yield item } } }`,
  )
  const junit = join(folder, 'broken.xml')
  const { code, out } = await run(broken, '--only', 'list.unique', '--junit', junit)
  expect(out).toContain('✗ list.unique')
  expect(out).toContain('ids listed more than once: "n1001"')
  expect(code).toBe(1)
  expect(await readFile(junit, 'utf8')).toContain('<failure message="ids listed more than once: &quot;n1001&quot;')
})

test('wrong use: exit code 2 and a sentence', async () => {
  expect(await run('nowhere.js')).toMatchObject({ code: 2, err: 'There is no file nowhere.js.\n' })
  expect(await run(path('./example/notes.ts'), '--only', 'nothing')).toMatchObject({ code: 2 })
  expect(await run('--nonsense')).toMatchObject({ code: 2 })
  expect((await run(path('./law-table.ts'))).err).toContain('has no connector as its default export')
})
