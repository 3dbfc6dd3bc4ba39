import { describe, expect, it } from 'vitest'
import { makePdf, makePdfOf } from '../../test/make-pdf.ts'
import { defaultLimits, type FormatOutput } from '../format.ts'
import { pdfDate } from '../pdf/metadata.ts'
import { pdf } from './pdf.ts'

async function read(bytes: Uint8Array, limits = defaultLimits): Promise<FormatOutput> {
  return await pdf.parse({ bytes, mimeType: 'application/pdf', limits })
}

const body = (text: string, y: number): { text: string; size: number; y: number } => ({ text, size: 11, y })
const filler = Array.from({ length: 10 }, (_, index) =>
  body(`Running text of line ${index} that makes this size the usual one.`, 400 - index * 13),
)

describe('pdf', () => {
  it('reads headings, lists, paragraphs, pages and what the document says of itself', async () => {
    const info = "/Title (Annual report) /Author (Ada) /CreationDate (D:20240131235959+01'00')"
    const first = [
      { text: 'The year', size: 24, y: 720 },
      body('# of customers grew.', 680),
      body('They were happy.', 667),
      body('\x95 first point', 640),
      body('\x95 second point', 627),
      ...filler,
    ]
    const output = await read(makePdf([first, [body('Second page.', 700)]], info))
    expect(
      output.markdown.startsWith(
        '# The year\n\n\\# of customers grew.\nThey were happy.\n\n- first point\n- second point\n\nRunning',
      ),
    ).toBe(true)
    expect(output).toMatchObject({
      title: 'Annual report',
      author: 'Ada',
      language: 'en-GB',
      createdAt: '2024-01-31T22:59:59.000Z',
      pages: 2,
    })
    expect(output.markdown.slice(output.pageOffsets?.[1])).toBe('Second page.\n\n')
  })

  it('says that a document of pictures has no text layer, and counts such pages of others', async () => {
    await expect(read(makePdf([[], []]))).rejects.toMatchObject({ code: 'no_text_layer' })
    expect((await read(makePdf([[], filler]))).metadata).toEqual({ pagesWithoutText: 1 })
  })

  it.each([
    ['cut short to nothing', makePdf([filler]).subarray(0, 60)],
    ['only in name', new TextEncoder().encode('%PDF-1.7\nnothing else')],
    ['of zeros', new Uint8Array(50_000)],
  ])('calls a file %s corrupt', async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('reads a file whose last lines are lost', async () => {
    const whole = makePdf([filler])
    expect((await read(whole.subarray(0, whole.length - 12))).markdown).toContain('Running text')
  })

  it('stops at the output limit', async () => {
    const limits = { ...defaultLimits, maxOutputChars: 200 }
    await expect(read(makePdf([filler, filler]), limits)).rejects.toMatchObject({ code: 'output_too_large' })
  })

  it('reads on after a document that took all of its memory', { timeout: 20_000 }, async () => {
    const hostile = makePdfOf([
      `BT /F1 1 Tf ${'(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj '.repeat(60_000)} ET`,
    ])
    const first = await read(hostile).then(
      () => 'read',
      (error: unknown) => error,
    )
    expect(first === 'read' || (first instanceof Error && first.name === 'FormatError')).toBe(true)
    expect((await read(makePdf([filler]))).markdown).toContain('Running text')
  })
})

describe('pdfDate', () => {
  it.each([
    ['D:2024', '2024-01-01T00:00:00.000Z'],
    ['D:20240229120000Z', '2024-02-29T12:00:00.000Z'],
    ["20240101000000-05'30", '2024-01-01T05:30:00.000Z'],
    ['yesterday', undefined],
    ['D:20241399', undefined],
    [undefined, undefined],
  ])('%s is %s', (value, expected) => {
    expect(pdfDate(value)).toBe(expected)
  })
})
