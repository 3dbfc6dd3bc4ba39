import type { ParseOutcome } from '@cx/core/engine'
import { describe, expect, it } from 'vitest'
import { createParserPool } from '../src/index.ts'
import { parseBytes } from '../src/parse.ts'
import { mutate, randomFrom } from './mutations.ts'
import { sampleDocuments } from './sample-documents.ts'

const copies = 60
/** A small document takes milliseconds; this is what a busy machine may make of them. */
const mostMs = 5_000

function expectAnswer(outcome: ParseOutcome, name: string): void {
  if (!outcome.ok) {
    expect(outcome.message, name).toMatch(/^.{15,}$/s)
    return
  }
  const { chunks, children = [] } = outcome.document
  expect(chunks.some(({ text }) => text.trim() !== '') || children.length > 0, `${name} is silent`).toBe(true)
  for (const { text, overlap } of chunks) expect(overlap, name).toBeLessThanOrEqual(text.length)
  for (const { path, outcome: inside } of children) expectAnswer(inside, `${name}/${path}`)
}

/** For more, and of real documents: `node --conditions=cx-source test/mutation-run.ts`. */
describe('damaged documents', () => {
  const samples = [...sampleDocuments()]

  it.each(samples)('%s has text as it is', async (filename, bytes) => {
    const outcome = await parseBytes({ bytes: new Uint8Array(bytes), filename })
    expect(outcome.ok || outcome.message).toBe(true)
    expectAnswer(outcome, filename)
  })

  it.each(samples)('%s ends as text or as a reason, however damaged', async (filename, bytes) => {
    for (let seed = 1; seed <= copies; seed++) {
      const name = `${filename} (seed ${seed})`
      const began = performance.now()
      expectAnswer(await parseBytes({ bytes: mutate(bytes, randomFrom(seed)), filename }), name)
      expect(performance.now() - began, name).toBeLessThan(mostMs)
    }
  })

  it('do the same through a pool, and cost no thread', async () => {
    const pool = createParserPool({ workers: 2 })
    const { signal } = new AbortController()
    const outcomes = await Promise.all(
      samples.flatMap(([filename, bytes]) =>
        Array.from({ length: 10 }, async (_, n) => {
          const name = `${filename} (seed ${1000 + n})`
          return {
            name,
            outcome: await pool.parse({ bytes: mutate(bytes, randomFrom(1000 + n)), filename }, { signal }),
          }
        }),
      ),
    )
    await pool.close()
    for (const { name, outcome } of outcomes) {
      expectAnswer(outcome, name)
      if (!outcome.ok) expect(['crashed', 'timed_out', 'out_of_memory'], name).not.toContain(outcome.code)
    }
  })
})
