import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ParseOutcome } from '@cx/core/engine'
import { describe, expect, it } from 'vitest'
import { createParserPool } from '../src/index.ts'

const corpus = process.env.CX_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))

/** At least this share of a folder gives text; the rest is empty, encrypted or broken on purpose. */
const shares: readonly [folder: string, share: number][] = [
  ['md', 1],
  ['txt', 1],
  ['csv', 1],
  ['json', 1],
  ['html', 1],
  ['ipynb', 1],
  ['xml', 0.97],
  ['docx', 0.85],
  ['pptx', 0.9],
  ['xlsx', 0.9],
  ['odt', 0.9],
  ['xls', 0.9],
  ['doc', 0.9],
  ['ppt', 0.9],
  ['xlsb', 0.9],
  // Nearly a third of these are pictures without a text layer, and say so.
  ['pdf', 0.65],
]

describe.skipIf(!existsSync(corpus))('the corpus', () => {
  it('ends as text or as a reason, file by file, each in its time', { timeout: 180_000 }, async () => {
    const pool = createParserPool({ workers: 2 })
    const { signal } = new AbortController()
    const outcomes: { readonly folder: string; readonly name: string; readonly outcome: ParseOutcome }[] = []
    const files = (await readdir(corpus, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && entry.parentPath.length > corpus.length + 1,
    )
    const parsing: Promise<void>[] = []
    for (const { parentPath, name } of files) {
      await pool.room({ signal })
      const bytes = new Uint8Array(await readFile(`${parentPath}/${name}`))
      const folder = parentPath.slice(corpus.length + 1)
      parsing.push(
        pool
          .parse({ bytes, filename: name }, { signal })
          .then((outcome) => void outcomes.push({ folder, name, outcome })),
      )
    }
    await Promise.all(parsing)
    await pool.close()

    expect(outcomes).toHaveLength(files.length)
    const failures = outcomes.filter(({ outcome }) => !outcome.ok)
    for (const { name, outcome } of failures) {
      if (!outcome.ok) expect(outcome.message, name).toMatch(/^.{15,}$/s)
    }
    const codes = (wanted: readonly string[]): string[] =>
      failures.filter(({ outcome }) => !outcome.ok && wanted.includes(outcome.code)).map(({ name }) => name)
    expect(codes(['timed_out', 'crashed', 'out_of_memory'])).toEqual([])
    for (const { name, outcome } of outcomes) {
      if (!outcome.ok) continue
      const { chunks, children = [] } = outcome.document
      expect(chunks.some(({ text }) => text.trim() !== '') || children.length > 0, `${name} has no text`).toBe(true)
    }
    for (const [folder, share] of shares) {
      const own = outcomes.filter((file) => file.folder === folder)
      expect(own.filter(({ outcome }) => outcome.ok).length / own.length, folder).toBeGreaterThanOrEqual(share)
    }
  })
})
