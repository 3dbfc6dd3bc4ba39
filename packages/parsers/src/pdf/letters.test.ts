import { describe, expect, it } from 'vitest'
import { makePdfOf, pdfOf } from '../../test/make-pdf.ts'
import { makeSfnt } from '../../test/make-sfnt.ts'
import { readPdf } from '../../test/read-pdf.ts'

const page = '/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]'
const helvetica = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'

async function textOf(bytes: Uint8Array): Promise<string> {
  return (await readPdf(bytes)).markdown.trim()
}

function stream(content: string, entries = ''): string {
  return `<< ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`
}

/** A page of one line in a font whose codes are two bytes that nothing maps to letters. */
function pdfOfCodes(codes: readonly number[], descriptor: string, file?: string): Uint8Array {
  const hex = codes.map((code) => code.toString(16).padStart(4, '0')).join('')
  return pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< ${page} /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>`,
    stream(`BT /F1 12 Tf 72 700 Td <${hex}> Tj ET`),
    '<< /Type /Font /Subtype /Type0 /BaseFont /Arial /Encoding /Identity-H /DescendantFonts [6 0 R] >>',
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Arial /DW 500 /CIDToGIDMap /Identity
      /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 7 0 R >>`,
    `<< /Type /FontDescriptor /FontName /Arial /Flags 4 /FontBBox [0 -200 1000 800] /Ascent 800 /Descent -200
      /ItalicAngle 0 /CapHeight 700 /StemV 80 ${descriptor} >>`,
    ...(file === undefined ? [] : [stream(file, `/Length1 ${file.length}`)]),
  ])
}

describe('letters that nothing maps', () => {
  it('are those of their glyphs in the order that the fonts of systems have', async () => {
    const codes = [...'Schöne “Worte”'].map((letter) => {
      const special = { ö: 124, '“': 179, '”': 180 }[letter]
      return special ?? letter.charCodeAt(0) - 29
    })
    expect(await textOf(pdfOfCodes(codes, ''))).toBe('Schöne “Worte”')
  })

  it('stay what they are where they are letters themselves', async () => {
    const codes = [...'Plain words'].map((letter) => letter.charCodeAt(0))
    expect(await textOf(pdfOfCodes(codes, ''))).toBe('Plain words')
  })

  it('are those that the embedded font has for its glyphs', async () => {
    const letters = ' Abcdeжю'
    const font = Buffer.from(makeSfnt(letters)).toString('latin1')
    const codes = [...'Abe жюd'].map((letter) => letters.indexOf(letter) + 1)
    expect(await textOf(pdfOfCodes(codes, '/FontFile2 8 0 R', font))).toBe('Abe жюd')
  })

  it('are bytes of UTF-8 where the font has no such glyphs', async () => {
    const font = Buffer.from(makeSfnt('абв')).toString('latin1')
    const codes = [...'бава'].map((letter) => Buffer.from(letter).readUInt16BE())
    expect(await textOf(pdfOfCodes(codes, '/FontFile2 8 0 R', font))).toBe('бава')
  })
})

describe('letters', () => {
  it('beyond the first plane are whole', async () => {
    const map = `/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange
1 beginbfchar <61> <d842df9f> endbfchar endcmap end`
    const bytes = pdfOf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      `<< ${page} /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>`,
      stream('BT /F1 12 Tf 72 700 Td (xay) Tj ET'),
      helvetica.replace('>>', '/ToUnicode 6 0 R >>'),
      stream(map),
    ])
    expect(await textOf(bytes)).toContain('𠮟')
  })

  it('beside the page, where nobody sees them, are none of its text', async () => {
    const bytes = makePdfOf(['BT /F1 12 Tf 72 700 Td (Seen) Tj 600 0 Td (Unseen) Tj 0 -800 Td (Below) Tj ET'])
    expect(await textOf(bytes)).toBe('Seen')
  })

  it('that are turned keep their digits together, and those of a size below nothing are turned round', async () => {
    const turned = makePdfOf(['BT /F1 12 Tf 0 1 -1 0 300 200 Tm (In 2011 and 1911) Tj ET'])
    expect(await textOf(turned)).toBe('In 2011 and 1911')
    const slanted = makePdfOf(['BT /F1 12 Tf 0.4 0.917 -0.917 0.4 300 200 Tm (Feb 13, 2012) Tj ET'])
    expect(await textOf(slanted)).toBe('Feb 13, 2012')
    const upsideDown = makePdfOf(['BT /F1 -12 Tf 1 0 0 1 300 200 Tm (Authority) Tj ET'])
    expect(await textOf(upsideDown)).toBe('Authority')
  })
})

describe('boxes of text on a page', () => {
  /** The page takes its fonts from its parent, which a flattened one no longer does. */
  const boxed = (appearance: string): Uint8Array =>
    pdfOf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> >> >>',
      `<< ${page} /Contents 4 0 R /Annots [7 0 R] >>`,
      stream('BT /F1 12 Tf 72 700 Td (abcd abcd) Tj ET'),
      helvetica.replace('/WinAnsiEncoding', '<< /Type /Encoding /Differences [97 /W /o /r /d] >>'),
      stream(
        'BT /F2 12 Tf 2 4 Td (Boxed) Tj ET',
        `/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F2 ${helvetica} >> >>`,
      ),
      `<< /Type /Annot /Subtype /FreeText /Rect [72 600 172 620] /Contents (Boxed) /DA (/Helv 12 Tf) /F 4 ${appearance} >>`,
    ])

  it('are behind its own, which keeps its fonts', async () => {
    expect((await textOf(boxed('/AP << /N 6 0 R >>'))).split(/\s+/)).toEqual(['Word', 'Word', 'Boxed'])
  })

  it('are there where no program has drawn them yet', async () => {
    expect((await textOf(boxed(''))).split(/\s+/)).toEqual(['Word', 'Word', 'Boxed'])
  })
})

describe('text that is printed over itself', () => {
  it('is there once, but what stands in many places is in all of them', async () => {
    const bytes = makePdfOf([
      `BT /F1 12 Tf 72 700 Td (Annual report) Tj 0.8 -0.8 Td (Annual report) Tj 0 0.8 Td (Annual) Tj ET
       BT /F1 12 Tf 72 600 Td (A whole page) Tj 0 -12 Td (is printed twice) Tj ET
       BT /F1 12 Tf 72 600 Td (A whole page) Tj 0 -12 Td (is printed twice) Tj ET
       BT /F1 12 Tf 72 400 Td (again) Tj 0 -12 Td (again) Tj ET`,
    ])
    expect(await textOf(bytes)).toBe('Annual report\n\nA whole page\nis printed twice\n\nagain\nagain')
  })
})
