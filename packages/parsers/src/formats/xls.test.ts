import { type BookType, type CellObject, utils, type WorkSheet, write } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { compoundOf, run } from '../../test/make-documents.ts'
import { sniff } from '../sniff.ts'
import { xls } from './xls.ts'

/** `biff3` is written, but not in the package's types. */
function made(sheet: WorkSheet, bookType: BookType | 'biff3' | 'biff4'): Uint8Array {
  const book = utils.book_new()
  utils.book_append_sheet(book, sheet, 'S')
  return new Uint8Array(write(book, { type: 'buffer', bookType: bookType as BookType }) as Uint8Array)
}

describe.each(['biff2', 'biff3', 'biff4'] as const)('xls of Excel 2 to 4, %s', (bookType) => {
  it('reads text, numbers, truths and errors', async () => {
    const sheet = utils.aoa_to_sheet([
      ['name', 'sum', 'open', 'half'],
      ['Zoe', 1234.5, true, 7],
      ['Ann', -3, false, 0.25],
    ])
    sheet.D3 = { t: 'e', v: 7 } satisfies CellObject
    const { markdown, pages } = await run(xls, made(sheet, bookType))
    expect(markdown).toBe(
      '| name | sum | open | half |\n| --- | --- | --- | --- |\n| Zoe | 1234.5 | TRUE | 7 |\n| Ann | -3 | FALSE | #DIV/0! |',
    )
    expect(pages).toBe(1)
  })
})

/** A record of a workbook stream. */
function record(type: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const data = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const head = Buffer.alloc(4)
  head.writeUInt16LE(type)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}
const word = (value: number): number[] => [value & 255, value >> 8]
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}
const short = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
const end = record(0x0a)

describe('xls', () => {
  it('shows numbers of Excel 2 and 4 by their formats', async () => {
    const second = Buffer.concat([
      record(0x0009, word(2), word(0x10)),
      record(0x1e, short('General')),
      record(0x1e, short('0.0%')),
      record(0x03, word(0), word(0), [0, 1, 0], double(0.125)),
      record(0x02, word(0), word(1), [0, 0, 0], word(42)),
      record(0x06, word(0), word(2), [0, 0, 0], [0, 0, 0, 0, 0, 0, 0xff, 0xff], [0, 0, 0]),
      record(0x07, short('of a formula')),
      end,
    ])
    expect((await run(xls, second)).markdown).toBe('| 12.5% | 42 | of a formula |\n| --- | --- | --- |')
    const sheet = (name: string, value: number): Buffer =>
      Buffer.concat([
        record(0x8f, [0, 0, 0, 0], short(name)),
        record(0x0409, word(4), word(0x10), [0, 0]),
        record(0x0203, word(0), word(0), word(1), double(value)),
        end,
      ])
    const fourth = Buffer.concat([
      record(0x0409, word(4), word(0x100), [0, 0]),
      record(0x041e, [0, 0], short('General')),
      record(0x041e, [0, 0], short('d-mmm-yy')),
      record(0x0443, [0, 0], new Uint8Array(10)),
      record(0x0443, [0, 1], new Uint8Array(10)),
      sheet('One', 45_306),
      sheet('Two', 45_307),
      end,
    ])
    const { markdown, pages } = await run(xls, fourth)
    expect(markdown).toBe('## One\n\n15-Jan-2024\n\n## Two\n\n16-Jan-2024')
    expect(pages).toBe(2)
  })

  it('gives each comment the place and author of its note, and names hidden sheets', async () => {
    const rich = (text: string): Buffer => Buffer.concat([Buffer.from([...word(text.length), 0]), Buffer.from(text)])
    const comment = (shape: number, text: string): Buffer =>
      Buffer.concat([
        record(0x5d, word(0x15), word(0x12), word(0x19), word(shape), new Uint8Array(14)),
        record(0x1b6, new Uint8Array(10), word(text.length), new Uint8Array(6)),
        record(0x3c, [0], Buffer.from(text)),
      ])
    const globals = (offset: number): Buffer =>
      Buffer.concat([
        record(0x0809, word(0x0600), word(5), new Uint8Array(12)),
        record(0x85, word(offset), [0, 0, 1, 0], [1, 0], Buffer.from('H')),
        end,
      ])
    const stream = Buffer.concat([
      globals(globals(0).length),
      record(0x0809, word(0x0600), word(0x10), new Uint8Array(12)),
      record(0x0204, word(2), word(27), word(0), rich('later row')),
      record(0x0204, word(0), word(0), word(0), rich('first row')),
      comment(7, 'about the first'),
      comment(3, 'Ann: about the later'),
      record(0x1c, word(2), word(27), word(0), word(3), rich('Ann'), [0]),
      record(0x1c, word(0), word(0), word(0), word(7), rich('Bob'), [0]),
      end,
    ])
    const { markdown, metadata } = await run(xls, compoundOf({ Workbook: Buffer.concat([stream, Buffer.alloc(5000)]) }))
    expect(markdown).toBe(
      '## H\n\nfirst row\n\nlater row\n\n> Comment (AB3): Ann: about the later\n\n> Comment (A1, Bob): about the first',
    )
    expect(metadata).toEqual({ hiddenSheets: ['H'] })
  })

  it('keeps the data of a chart out of the cells, and shows them as a table of their own; headers come last', async () => {
    const globals = (offset: number): Buffer =>
      Buffer.concat([
        record(0x0809, word(0x0600), word(5), new Uint8Array(12)),
        record(0x041e, word(170), word(4), [0], Buffer.from('0.0%')),
        record(0x85, word(offset), [0, 0, 0, 0], [1, 0], Buffer.from('S')),
        end,
      ])
    const text = (value: string): Buffer => record(0x100d, word(0), [value.length, 0], Buffer.from(value))
    const label = (row: number, value: string): Buffer =>
      record(0x0204, word(row), word(0), word(0), word(value.length), [0], Buffer.from(value))
    const chart = Buffer.concat([
      record(0x0809, word(0x0600), word(0x20), new Uint8Array(12)),
      record(0x1003, new Uint8Array(12)),
      record(0x1033),
      record(0x1051, [0, 1], word(0), word(0), word(0)),
      text('Share'),
      record(0x1051, [1, 2], word(0), word(170), word(0)),
      record(0x1034),
      record(0x1025, new Uint8Array(32)),
      record(0x1033),
      text('Fruits'),
      record(0x1034),
      record(0x1065, word(1)),
      record(0x0203, word(0), word(0), word(0), double(0.25)),
      record(0x0203, word(1), word(0), word(0), double(0.75)),
      record(0x1065, word(2)),
      label(0, 'Apples'),
      label(1, 'Pears'),
      end,
    ])
    const header = '&LOf &A&CTop of all'
    const margin = record(0x14, word(header.length), [0], Buffer.from(header))
    const cell = Buffer.concat([
      margin,
      record(0x15),
      label(0, 'cell'),
      record(0x0406, word(1), word(0), word(0), double(7), word(0)),
    ])
    const stream = (part: Buffer): Buffer => Buffer.concat([globals(globals(0).length), part, Buffer.alloc(5000)])
    const sheet = Buffer.concat([record(0x0809, word(0x0600), word(0x10), new Uint8Array(12)), cell, chart, end])
    const table = 'Fruits\n\n|  | Share |\n| --- | --- |\n| Apples | 25.0% |\n| Pears | 75.0% |'
    const { markdown } = await run(xls, compoundOf({ Workbook: stream(sheet) }))
    expect(markdown).toBe(`## S\n\n| cell |\n| --- |\n| 7 |\n\n${table}\n\nTop of all`)
    expect((await run(xls, compoundOf({ Workbook: stream(chart) }))).markdown).toBe(`## S\n\n${table}`)
  })

  it('finds the sheets of a book whose list of them is damaged', async () => {
    const stream = Buffer.concat([
      record(0x0809, word(0x0600), word(5), new Uint8Array(12)),
      end,
      record(0x0809, word(0x0600), word(0x10), new Uint8Array(12)),
      record(0x0204, word(0), word(0), word(0), word(4), [0], Buffer.from('cell')),
      end,
      Buffer.alloc(5000),
    ])
    expect((await run(xls, compoundOf({ Workbook: stream }))).markdown).toBe('## Sheet 1\n\ncell')
  })

  it('reads where links lead, with the place there', async () => {
    const long = (value: number): number[] => [...word(value & 0xffff), ...word(value >>> 16)]
    const address = Buffer.from('https://x.example/\u0000', 'utf16le')
    const place = Buffer.from('top\u0000', 'utf16le')
    const link = record(
      0x1b8,
      [...word(0), ...word(0), ...word(1), ...word(1)],
      new Uint8Array(16),
      [...long(2), ...long(1 | 8)],
      [...long(0x79eac9e0), ...new Uint8Array(12), ...long(address.length)],
      address,
      long(place.length / 2),
      place,
    )
    const globals = (offset: number): Buffer =>
      Buffer.concat([
        record(0x0809, word(0x0600), word(5), new Uint8Array(12)),
        record(0x85, word(offset), [0, 0, 0, 0], [1, 0], Buffer.from('S')),
        end,
      ])
    const sheet = record(0x0809, word(0x0600), word(0x10), new Uint8Array(12))
    const stream = Buffer.concat([globals(globals(0).length), sheet, link, end, Buffer.alloc(5000)])
    const { markdown } = await run(xls, compoundOf({ Workbook: stream }))
    expect(markdown).toBe('## S\n\n- B1: <https://x.example/#top>')
  })

  it('reads the table of a chart of Microsoft Graph', async () => {
    const globals = Buffer.concat([
      record(0x0809, word(0x0580), word(5)),
      record(0x85, word(23), [0, 0, 0, 0], [0]),
      end,
    ])
    const stream = Buffer.concat([
      globals,
      record(0x0809, word(0x0580), word(0x8000)),
      record(4, word(0), word(1), [0, 0, 0], short('Dawn')),
      record(4, word(1), word(0), [0, 0, 0], short('Share')),
      record(3, word(1), word(1), [0, 0, 0], double(0.5)),
      end,
      Buffer.alloc(5000),
    ])
    expect(globals.length).toBe(23)
    expect((await run(xls, compoundOf({ Workbook: stream }))).markdown).toBe(
      '## Sheet 1\n\n|  | Dawn |\n| --- | --- |\n| Share | 0.5 |',
    )
  })

  it('reads a shared string that goes on in the next record with another width', async () => {
    const globals = (offset: number): Buffer =>
      Buffer.concat([
        record(0x0809, word(0x0600), word(5), new Uint8Array(12)),
        record(0x85, word(offset), [0, 0, 0, 0], [1, 0], Buffer.from('S')),
        record(0xfc, [2, 0, 0, 0, 2, 0, 0, 0], word(9), [0], Buffer.from('wide ')),
        record(0x3c, [1], Buffer.from('Žluť', 'utf16le'), word(3), [0x08, 1, 0], Buffer.from('two'), [0, 0, 0, 0]),
        end,
      ])
    const stream = Buffer.concat([
      globals(globals(0).length),
      record(0x0809, word(0x0600), word(0x10), new Uint8Array(12)),
      record(0xfd, word(0), word(0), word(0), [0, 0, 0, 0]),
      record(0xfd, word(0), word(1), word(0), [1, 0, 0, 0]),
      end,
      Buffer.alloc(5000),
    ])
    const { markdown } = await run(xls, compoundOf({ Workbook: stream }))
    expect(markdown).toBe('## S\n\n| wide Žluť | two |\n| --- | --- |')
  })
})

describe('xls that is XML', () => {
  const book = (sheets: string, more = ''): string => `<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">${more}<Styles>
<Style ss:ID="Default"><NumberFormat/></Style><Style ss:ID="s1"><NumberFormat ss:Format="Short Date"/></Style><Style ss:ID="s2"><NumberFormat ss:Format="0.0%"/></Style></Styles>${sheets}</Workbook>`
  const cell = (type: string, value: string, attrs = ''): string =>
    `<Cell${attrs}><Data ss:Type="${type}">${value}</Data></Cell>`

  it('reads rows, formats, links, comments, merged cells and hidden sheets, by whatever name', async () => {
    const sheets = `<Worksheet ss:Name="A &amp; B"><Table><Row>${cell('String', 'name')}${cell('String', 'when', ' ss:MergeAcross="1"')}${cell('String', 'share')}</Row>
      <Row ss:Index="2">${cell('String', 'Ann', ' ss:HRef="https://x.example"')}${cell('DateTime', '2024-01-15T00:00:00.000', ' ss:StyleID="s1"')}${cell('Number', '0.125', ' ss:Index="4" ss:StyleID="s2"')}</Row>
      <Row><Cell><ss:Data ss:Type="String"><B>bold</B> text</ss:Data><Comment ss:Author="Bob"><ss:Data>why?</ss:Data></Comment></Cell>${cell('Boolean', '1')}${cell('Error', '#N/A')}</Row></Table></Worksheet>
      <Worksheet ss:Name="Kept"><Table/><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>`
    const bytes = new Uint8Array(Buffer.from(book(sheets)))
    const { markdown, pages, metadata } = await run(xls, bytes)
    expect(markdown).toBe(
      '## A & B\n\n| name | when |  | share |\n| --- | --- | --- | --- |\n| Ann | 2024-01-15 |  | 12.5% |\n| bold text | TRUE | #N/A |\n\n> Comment (A3): why?\n\n- A2: <https://x.example>\n\n## Kept',
    )
    expect(pages).toBe(2)
    expect(metadata).toEqual({ hiddenSheets: ['Kept'] })
    for (const filename of ['a.xls', 'a.xml', 'a']) expect(sniff(bytes, { filename }).format).toBe('xls')
    const wide = new Uint8Array(Buffer.from(`\ufeff${book(sheets)}`, 'utf16le'))
    expect(sniff(wide, { filename: 'a.xls' }).format).toBe('xls')
    expect((await run(xls, wide)).markdown).toBe(markdown)
  })

  it('shows cells by the styles of their rows, columns and table, and those by their parents', async () => {
    const style = (id: string, more: string): string => `<Style ss:ID="${id}"${more}</Style>`
    const styles = `<Styles>${style('p', '><NumberFormat ss:Format="0.00"/>')}${style('c', ' ss:Parent="p">')}${style('r', '><NumberFormat ss:Format="0%"/>')}${style('t', '><NumberFormat ss:Format="0000"/>')}</Styles>`
    const row = (attrs: string): string => `<Row${attrs}>${cell('Number', '1').repeat(4)}</Row>`
    const sheet = `<Worksheet ss:Name="S"><Table ss:StyleID="t"><Column ss:Index="2" ss:StyleID="c" ss:Span="1"/>${row(' ss:Span="2"')}${row(' ss:StyleID="r"')}</Table></Worksheet>`
    expect((await run(xls, book(sheet, styles))).markdown).toBe(
      '## S\n\n| 0001 | 1.00 | 1.00 | 0001 |\n| --- | --- | --- | --- |\n\n| 100% | 100% | 100% | 100% |\n| --- | --- | --- | --- |',
    )
  })

  it('counts from 1904 where it says so', async () => {
    const sheet = `<Worksheet ss:Name="S"><Table><Row>${cell('Number', '43844', ' ss:StyleID="s1"')}${cell('DateTime', '2024-01-15T06:29:59.999')}</Row></Table></Worksheet>`
    const { markdown } = await run(xls, book(sheet, '<ExcelWorkbook><Date1904/></ExcelWorkbook>'))
    expect(markdown).toBe('## S\n\n| 2024-01-15 | 2024-01-15 06:30:00 |\n| --- | --- |')
  })
})
