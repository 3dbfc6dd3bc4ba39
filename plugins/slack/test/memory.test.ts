import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('an export of 120 MB is listed and read with less than 40 MB', { timeout: 120_000 }, async () => {
  const child = new URL('./memory-child.ts', import.meta.url).pathname
  const options = ['--conditions=cx-source', '--expose-gc', child]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  const { listed, read, growth } = JSON.parse(stdout) as Record<string, number>
  expect([listed, read]).toEqual([2_969, 2_969])
  expect(growth).toBeLessThan(40)
})
