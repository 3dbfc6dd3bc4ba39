import type { ParseOutcome } from '@cx/core/engine'
import { zipSync } from 'fflate'
import { afterEach, describe, expect, it } from 'vitest'
import { widths } from '../../test/broken-recognizer.ts'
import { createParserPool, type ParserPool } from '../pool.ts'
import { withRecognition } from './recognition-lane.ts'

const { signal } = new AbortController()
const pools: ParserPool[] = []

function pool(limits: { readonly timeoutMs?: number; readonly heapMb?: number } = {}): ParserPool {
  const { timeoutMs = 20_000, heapMb = 96 } = limits
  const module = new URL('../../test/broken-recognizer.ts', import.meta.url).href
  const recognition = { module, id: 'broken@1', languages: ['eng', 'deu'], timeoutMs, pageTimeoutMs: 100 }
  const created = createParserPool({ workers: 1, heapMb, recognition })
  pools.push(created)
  return created
}

/** The head of a PNG is all that its metadata is read from. */
function picture(width: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64)
  bytes.set(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
  new DataView(bytes.buffer).setUint32(16, width)
  new DataView(bytes.buffer).setUint32(20, 100)
  bytes.set([8, 0], 24)
  return bytes
}

const read = (parser: ParserPool, width: number): Promise<ParseOutcome> =>
  parser.parse({ bytes: picture(width), filename: 'a.png' }, { signal })

function textOf(outcome: ParseOutcome): string {
  return outcome.ok ? outcome.document.chunks.map(({ text }) => text).join('') : outcome.code
}

function noteOf(outcome: ParseOutcome): unknown {
  return outcome.ok && outcome.document.metadata?.ocrNote
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((created) => created.close()))
})

describe('text recognition in a pool', () => {
  it('adds what it reads, as text and marked as such', async () => {
    const outcome = await read(pool(), 200)
    expect(textOf(outcome)).toBe('PNG image, 200 × 100 pixels\n\n\\# words in eng and deu of a picture 200 wide')
    expect(outcome).toMatchObject({ document: { metadata: { ocr: true, ocrConfidence: 90 } } })
  })

  it('leaves out what is hardly text', async () => {
    expect(textOf(await read(pool(), widths.doubts))).toBe('PNG image, 106 × 100 pixels')
  })

  it('reads pictures in containers', async () => {
    const bytes = new Uint8Array(zipSync({ 'in/a.png': picture(300), 'b.txt': new TextEncoder().encode('plain') }))
    const outcome = await pool().parse({ bytes, filename: 'both.zip' }, { signal })
    const children = outcome.ok ? (outcome.document.children ?? []) : []
    expect(children.map(({ outcome }) => textOf(outcome))).toEqual([expect.stringContaining('300 wide'), 'plain'])
  })

  it.each([
    ['loops', 'not read within'],
    ['exits', 'thread ended'],
    ['fillsBuffers', 'more memory'],
    ['throws', 'not this one'],
    ['throwsBeside', 'in a callback'],
  ] as const)('a recogniser that %s costs the text of one picture', async (name, note) => {
    const parser = pool(name === 'loops' ? { timeoutMs: 1_000 } : {})
    const [guilty, next] = await Promise.all([read(parser, widths[name]), read(parser, 200)])
    expect(textOf(guilty)).toBe(`PNG image, ${widths[name]} × 100 pixels`)
    expect(noteOf(guilty)).toContain(note)
    expect(textOf(next)).toContain('200 wide')
  })

  it('keeps no other document waiting', async () => {
    const parser = pool()
    const controller = new AbortController()
    const stuck = parser.parse({ bytes: picture(widths.loops), filename: 'a.png' }, { signal: controller.signal })
    const rejected = expect(stuck).rejects.toThrow('enough')
    const texts = Array.from({ length: 50 }, (_, n) => new TextEncoder().encode(`text ${n} `.repeat(n * 500 + 1)))
    const outcomes = await Promise.all(texts.map((bytes) => parser.parse({ bytes, filename: 'a.txt' }, { signal })))
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(parser.busy).toBe(1)
    controller.abort(new Error('enough'))
    await rejected
    expect(textOf(await read(parser, 200))).toContain('200 wide')
  })

  it('looks once at a scan without text, however often it is read', async () => {
    const failing = (message: string): ParserPool & { calls: number } => ({
      calls: 0,
      version: '1',
      queuedBytes: 0,
      queued: 0,
      busy: 0,
      async parse() {
        this.calls++
        return { ok: false, code: 'no_text_layer', message }
      },
      room: async () => {},
      close: async () => {},
    })
    const [ordinary, lane] = [failing('pictures only'), failing('no text recognised')]
    const parser = withRecognition({ version: '1', ordinary, lane })
    const parse = (text: string) => parser.parse({ bytes: new TextEncoder().encode(text) }, { signal })
    for (const text of ['album', 'album', 'another', 'album'])
      expect(await parse(text)).toMatchObject({ message: 'no text recognised' })
    expect([ordinary.calls, lane.calls]).toEqual([4, 2])
  })

  it('says so when the engine cannot be loaded', async () => {
    const recognition = { module: new URL('./not-there.ts', import.meta.url).href, id: 'none@1', languages: ['eng'] }
    const parser = createParserPool({ workers: 1, recognition })
    pools.push(parser)
    const outcome = await read(parser, 200)
    expect(textOf(outcome)).toBe('PNG image, 200 × 100 pixels')
    expect(noteOf(outcome)).toContain('not-there')
  })
})
