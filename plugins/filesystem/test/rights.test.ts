import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documentedRights, lossOf, openConnector, type Yield, yieldOf } from '@cx/testing'
import { expect, test } from 'vitest'
import filesystem from '../src/index.ts'

const documented = documentedRights(new URL('../README.md', import.meta.url))

/** Rights mean nothing to root: for a while we are nobody. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid!(65_534)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid!(0)
  }
}

/** A folder with a file and a sub-folder, after its modes were changed. */
async function yieldWith(modes: Readonly<Record<string, number>>): Promise<Yield> {
  const root = mkdtempSync(join(tmpdir(), 'cx-rights-'))
  mkdirSync(join(root, 'sub'))
  for (const name of ['plan.txt', 'sub/notes.txt']) writeFileSync(join(root, name), name)
  chmodSync(root, 0o755)
  for (const [name, mode] of Object.entries(modes)) chmodSync(join(root, name), mode)
  try {
    return await asNobody(() => yieldOf(() => openConnector(filesystem, { config: { root } })))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

test.each([
  ['r-x', 'every sync', { '.': 0 }, 'misconfigured'],
  ['r-x', 'what is in them', { sub: 0 }, 'forbidden'],
  ['r--', 'their contents', { 'plan.txt': 0 }, 'forbidden'],
] as const)('without %s, for %s, README says what happens', async (right, usedFor, modes, code) => {
  const lost = lossOf(await yieldWith({}), await yieldWith(modes))
  expect(lost).toContain(`\`${code}\``)
  const row = documented.find((one) => one.right.startsWith(right) && one.usedFor === usedFor)
  expect(row?.without.startsWith(lost)).toBe(true)
})
