import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('1 GB passes through put and read with less than 60 MB', { timeout: 120_000 }, async () => {
  const child = new URL('./memory-child.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=cx-source', child])
  const { received, read, total, growth } = JSON.parse(stdout) as Record<string, number>
  // With the 48 MB once around before.
  expect([received, read]).toEqual([total! + 48 * 2 ** 20, total])
  expect(growth).toBeLessThan(60)
})
