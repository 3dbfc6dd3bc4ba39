import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('1 GB passes through read with less than 100 MB', { timeout: 120_000 }, async () => {
  const child = new URL('./memory-child.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=cx-source', child])
  const { read, total, growth } = JSON.parse(stdout) as Record<string, number>
  expect(read).toBe(total)
  expect(growth).toBeLessThan(100)
})
