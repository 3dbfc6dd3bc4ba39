import type { ParseOutcome } from '@cx/core/engine'
import { createParserPool, type ParserPool } from '@cx/parsers'
import { afterAll, describe, expect, it } from 'vitest'
import tesseract from '../src/index.ts'
import { aside, type Grey, png, scanned, scanPdf } from './pictures.ts'

const lines = [
  'The walrus eats clams by the northern shore,',
  'as the harbour master wrote in his letter of',
  '14 March 1987, which nobody had answered.',
]
const { signal } = new AbortController()
const pool = createParserPool({
  workers: 1,
  recognition: { module: new URL('../src/index.ts', import.meta.url).href, id: tesseract.id, languages: ['eng'] },
})
afterAll(() => pool.close())

async function read(
  bytes: Uint8Array<ArrayBuffer>,
  filename: string,
  parser: ParserPool = pool,
): Promise<ParseOutcome> {
  return await parser.parse({ bytes, filename }, { signal })
}

function textOf(outcome: ParseOutcome): string {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`)
  return outcome.document.chunks.map(({ text, overlap }) => text.slice(overlap)).join('')
}

const blank: Grey = { width: 600, height: 400, pixels: new Uint8Array(240_000).fill(255) }

describe('tesseract', () => {
  it('reads the text of a picture after its metadata', async () => {
    const outcome = await read(png(await scanned(lines)), 'letter.png')
    expect(textOf(outcome)).toBe(`PNG image, 1275 × 1650 pixels\n\n${lines.join('\n')}`)
    expect(outcome).toMatchObject({
      document: { metadata: { width: 1275, ocr: true, ocrConfidence: expect.any(Number) } },
    })
    expect(outcome.ok && outcome.document.metadata?.ocrConfidence).toBeGreaterThan(80)
  })

  it('reads a scanned PDF page by page', async () => {
    const second = ['Nothing but the second page.', 'It is signed by the harbour master, and by', 'his clerk.']
    const outcome = await read(scanPdf([await scanned(lines), blank, await scanned(second)]), 'letter.pdf')
    expect(textOf(outcome).trim()).toBe(`${lines.join('\n')}\n\n${second.join('\n')}`)
    expect(outcome).toMatchObject({
      document: {
        title: 'Letter of the harbour master',
        pages: 3,
        metadata: { ocr: true, pagesWithoutText: 1 },
      },
    })
  })

  it('reads the scanned pages of a PDF whose other pages have text', async () => {
    const outcome = await read(
      scanPdf(['A cover that was typed.', await scanned(lines), '', 'Typed again.']),
      'both.pdf',
    )
    expect(textOf(outcome).trim()).toBe(`A cover that was typed.\n\n${lines.join('\n')}\n\nTyped again.`)
    expect(outcome).toMatchObject({ document: { pages: 4, metadata: { ocr: true, pagesWithoutText: 1 } } })
    const typed = await read(scanPdf(['A cover that was typed.', '']), 'typed.pdf')
    expect(typed).toMatchObject({ document: { pages: 2, metadata: { pagesWithoutText: 1 } } })
    expect(typed.ok && typed.document.metadata?.ocr).toBeUndefined()
  })

  it('reads pages that lie on their side or on their head', async () => {
    const page = await scanned(lines)
    const onItsHead = { ...page, pixels: page.pixels.toReversed() }
    const outcome = await read(scanPdf([onItsHead]), 'turned.pdf')
    expect(textOf(outcome).trim()).toBe(lines.join('\n'))
    expect(textOf(await read(png(aside(page)), 'aside.png'))).toContain(lines.join('\n'))
  })

  it('leaves what shows no text as it is', async () => {
    const waves = blank.pixels.map((_, at) => 128 + 60 * Math.sin((at % 600) / 23) + 60 * Math.cos(at / 600 / 17))
    expect(await read(scanPdf([blank, { ...blank, pixels: waves }]), 'album.pdf')).toMatchObject({
      ok: false,
      code: 'no_text_layer',
      message: expect.stringContaining('no text was recognised in the first 2'),
    })
    const picture = await read(png({ ...blank, pixels: waves }), 'waves.png')
    expect(textOf(picture)).toBe('PNG image, 600 × 400 pixels')
  })

  it('outlives hostile pictures, and says what is wrong with them', async () => {
    const good = png(await scanned(lines))
    const cut = good.slice(0, good.length >> 1)
    const tooLarge = png(blank, { height: 500_000 })
    const lying = png(blank, { height: 60_000 })
    const damaged = Array.from({ length: 8 }, (_, seed) => {
      const copy = good.slice()
      for (let at = 60 + seed; at < copy.length; at += 997) copy[at] = (copy[at]! * 31 + seed) & 255
      return copy
    })
    const outcomes = await Promise.all([tooLarge, cut, lying, ...damaged].map((bytes, n) => read(bytes, `${n}.png`)))
    expect(outcomes[0]).toMatchObject({ document: { metadata: { ocrNote: expect.stringContaining('40000000') } } })
    expect(outcomes[1]).toMatchObject({ document: { metadata: { ocrNote: expect.stringContaining('damaged') } } })
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(textOf(await read(png(await scanned(lines)), 'after.png'))).toContain('walrus')
  })

  it('ends a picture that takes too long, and reads the next', async () => {
    const recognizer = await tesseract.open({ languages: ['eng'], maxMemoryBytes: 512 * 1024 * 1024 })
    const bytes = png(await scanned(lines))
    await expect(recognizer.recognize({ bytes }, { timeoutMs: 0 })).rejects.toThrow('not read within')
    expect((await recognizer.recognize({ bytes }, { timeoutMs: 30_000 })).text).toContain('walrus')
  })

  it('keeps to its memory', async () => {
    const recognizer = await tesseract.open({ languages: ['eng'], maxMemoryBytes: 64 * 1024 * 1024 })
    const large: Grey = { width: 6_000, height: 6_000, pixels: new Uint8Array(36_000_000).fill(255) }
    await expect(recognizer.recognize({ bytes: png(large) }, { timeoutMs: 30_000 })).rejects.toThrow()
    expect((await recognizer.recognize({ bytes: png(await scanned(lines)) }, { timeoutMs: 30_000 })).text).toContain(
      'walrus',
    )
  })

  it('says what to install for a language that is not there', () => {
    expect(() => tesseract.check(['eng'])).not.toThrow()
    expect(() => tesseract.check(['eng', 'kat_old'])).toThrow('npm install @tesseract.js-data/kat_old')
    expect(() => tesseract.check(['../../etc'])).toThrow('no language')
    expect(() => tesseract.check([])).toThrow('a language at least')
  })

  it('is a part of the version, so that what was read without it is read again', async () => {
    const plain = createParserPool({ workers: 1 })
    expect(pool.version).toBe(`${plain.version}+${tesseract.id}:eng`)
    expect(await read(scanPdf([await scanned(lines)]), 'letter.pdf', plain)).toMatchObject({ code: 'no_text_layer' })
    await plain.close()
  })
})
