import type { ParseOutcome } from '@cx/core/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { createParserPool, type ParserPool, type ParserPoolOptions } from './pool.ts'

const formatModules = [new URL('../test/hostile-formats.ts', import.meta.url).href]
const { signal } = new AbortController()
const pools: ParserPool[] = []

function pool(options: ParserPoolOptions = {}): ParserPool {
  const created = createParserPool({ workers: 2, formatModules, ...options })
  pools.push(created)
  return created
}

function document(text: string, filename: string): { bytes: Uint8Array<ArrayBuffer>; filename: string } {
  return { bytes: new TextEncoder().encode(text), filename }
}

function textOf(outcome: ParseOutcome): string {
  return outcome.ok ? outcome.document.chunks.map(({ text }) => text).join('') : outcome.code
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((created) => created.close()))
})

describe('a parser pool', () => {
  it('parses documents of all sizes at once, each to its own text', async () => {
    const parser = pool()
    const inputs = Array.from({ length: 300 }, (_, index) => {
      const filler = index % 50 === 0 ? 'filler text. '.repeat(20_000) : ''
      return document(`# Document ${index}\n\n${filler}`, `${index}.md`)
    })
    const outcomes = await Promise.all(inputs.map((input) => parser.parse(input, { signal })))
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome.ok && outcome.document.title).toBe(`Document ${index}`)
    }
  })

  it.each([
    ['throws', 'corrupt'],
    ['throws-undefined', 'corrupt'],
    ['throws-beside', 'crashed'],
    ['exits', 'crashed'],
    ['fills-heap', 'out_of_memory'],
    ['fills-buffers', 'out_of_memory'],
    ['writes-forever', 'output_too_large'],
    ['recurses', 'corrupt'],
    ['loops', 'timed_out'],
    ['hangs', 'timed_out'],
  ])('a format that %s costs its own document only: %s', async (name, code) => {
    const parser = pool({ timeoutMs: code === 'timed_out' ? 2_500 : 25_000, heapMb: 96 })
    const names = [...Array.from({ length: 12 }, (_, index) => `${index}.txt`)]
    names.splice(5, 0, `guilty.${name}`)
    const outcomes = await Promise.all(
      names.map((filename) => parser.parse(document(`text of ${filename}`, filename), { signal })),
    )
    expect(outcomes.map(textOf)).toEqual(
      names.map((filename) => (filename.startsWith('guilty') ? code : `text of ${filename}`)),
    )
    expect(outcomes[5]).toMatchObject({ ok: false, message: expect.stringMatching(/\w+ .*\.?/) })
  })

  it('does not blame a document for what an earlier one throws late', async () => {
    const parser = pool({ workers: 1 })
    const names = Array.from({ length: 200 }, (_, index) =>
      index % 3 === 0 ? `${index}.throws-late` : `${index}.rejects-beside`,
    )
    for (const filename of names) {
      expect(textOf(await parser.parse(document(`text of ${filename}`, filename), { signal }))).toBe(
        `text of ${filename}`,
      )
    }
  })

  it('does not blame a document for the memory an earlier one left', async () => {
    const parser = pool({ workers: 1, heapMb: 96 })
    for (const filename of ['a.leaves-garbage', 'b.leaves-garbage', 'c.takes-its-time', 'd.takes-its-time']) {
      expect(textOf(await parser.parse(document(`text of ${filename}`, filename), { signal }))).toBe(
        `text of ${filename}`,
      )
    }
  })

  it('ends a container that holds itself', async () => {
    const outcome = await pool().parse(document('again', 'first.bears-itself'), { signal })
    const count = (one: ParseOutcome): number =>
      1 + (one.ok ? (one.document.children ?? []).reduce((sum, child) => sum + count(child.outcome), 0) : 0)
    expect(count(outcome)).toBeLessThan(12_000)
    expect(JSON.stringify(outcome)).toContain('too_large')
  })

  it('rejects at once when its caller aborts, waiting or running, and goes on with the rest', async () => {
    const parser = pool({ workers: 1 })
    const controller = new AbortController()
    const running = parser.parse({ bytes: new Uint8Array(70_000), filename: 'a.loops' }, { signal: controller.signal })
    const waiting = parser.parse({ bytes: new Uint8Array(70_000), filename: 'b.txt' }, { signal: controller.signal })
    const caught = Promise.allSettled([running, waiting])
    await parser.parse(document('', 'empty.txt'), { signal: AbortSignal.timeout(300) }).catch(() => {})
    const began = performance.now()
    controller.abort(new Error('enough'))
    for (const result of await caught)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(textOf(await parser.parse(document('still here', 'c.txt'), { signal }))).toBe('still here')
    await expect(parser.parse(document('x', 'x.txt'), { signal: controller.signal })).rejects.toThrow('enough')
  })

  it('rejects what is under way when it is closed, and everything after', async () => {
    const parser = pool()
    const running = parser.parse(document('a', 'a.loops'), { signal })
    const rejected = expect(running).rejects.toThrow('closed')
    await parser.close()
    await rejected
    await expect(parser.parse(document('a', 'a.txt'), { signal })).rejects.toThrow('closed')
  })

  it('has no room while too many bytes wait', async () => {
    const parser = pool({ workers: 1, maxQueuedBytes: 200_000 })
    await parser.room({ signal })
    const all = Array.from({ length: 8 }, (_, index) =>
      parser.parse(document('word '.repeat(20_000), `${index}.txt`), { signal }),
    )
    expect(parser.queuedBytes).toBeGreaterThan(200_000)
    await expect(parser.room({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    await parser.room({ signal })
    expect(parser.queuedBytes).toBeLessThan(200_000)
    await Promise.all(all)
  })

  it('takes a view into a shared buffer without giving the rest away', async () => {
    const shared = new Uint8Array(200_000).fill(97)
    const outcome = await pool().parse({ bytes: shared.subarray(1_000, 101_000), filename: 'a.txt' }, { signal })
    expect(outcome.ok).toBe(true)
    expect(shared.length).toBe(200_000)
  })

  it('says which module gives no formats', async () => {
    const parser = pool({ formatModules: [new URL('./version.ts', import.meta.url).href] })
    expect(await parser.parse(document('a', 'a.txt'), { signal })).toMatchObject({
      ok: false,
      message: expect.stringContaining('version.ts'),
    })
  })
})
