import { utils, write } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { compoundOf, refusal, run } from '../../test/make-documents.ts'
import { doc } from './doc.ts'
import { ppt } from './ppt.ts'
import { xls } from './xls.ts'
import { xlsb } from './xlsb.ts'

describe.each([
  ['xls', xls, 'biff8'],
  ['xls, of 1995', xls, 'biff5'],
  ['xlsb', xlsb, 'xlsb'],
] as const)('%s', (_, format, bookType) => {
  it('reads sheets with text, numbers, dates and blanks', async () => {
    const book = utils.book_new()
    const sheet = utils.aoa_to_sheet([
      ['name', 'when', 'sum'],
      ['Ann', null, 1.5],
    ])
    sheet.B2 = { t: 'n', v: 45306, z: 'yyyy-mm-dd' }
    utils.book_append_sheet(book, sheet, 'People')
    utils.book_append_sheet(book, utils.aoa_to_sheet([['alone']]), 'Other')
    const { markdown, pages } = await run(
      format,
      new Uint8Array(write(book, { type: 'buffer', bookType }) as Uint8Array),
    )
    expect(markdown).toBe(
      '## People\n\n| name | when | sum |\n| --- | --- | --- |\n| Ann | 2024-01-15 | 1.5 |\n\n## Other\n\nalone',
    )
    expect(pages).toBe(2)
  })
})

describe('xls', () => {
  it('shows numbers as their formats do, and those without as they are', async () => {
    const book = utils.book_new()
    const sheet = utils.aoa_to_sheet([['share', 'sum', 'plan']])
    sheet.A2 = { t: 'n', v: 0.25, z: '0%' }
    sheet.B2 = { t: 'n', v: 0.25 }
    sheet.C2 = { t: 'n', v: 0.125, z: '0.0" of"%' }
    sheet.D2 = { t: 'n', v: -1234.5, z: '#,##0.00;[Red](#,##0.00)' }
    sheet.E2 = { t: 'n', v: 45_306.75, z: 'yyyy-mm-dd hh:mm' }
    sheet['!ref'] = 'A1:E2'
    utils.book_append_sheet(book, sheet, 'Shares')
    const bytes = new Uint8Array(write(book, { type: 'buffer', bookType: 'biff8' }) as Uint8Array)
    expect((await run(xls, bytes)).markdown).toContain('| 25% | 0.25 | 12.5 of% | (1,234.50) | 2024-01-15 18:00 |')
  })

  it('says when it is locked or damaged', async () => {
    const locked = Buffer.alloc(600)
    locked.writeUInt16LE(0x0809)
    locked.writeUInt16LE(0x002f, 4)
    expect(await refusal(xls, compoundOf({ Workbook: locked }))).toMatch(/^encrypted/)
    expect(await refusal(xls, compoundOf({ Other: locked }))).toMatch(/^corrupt: .*no Workbook stream/)
    const circle = Buffer.from(compoundOf({ Workbook: Buffer.alloc(9000, 1) }))
    const fat = (circle.readUInt32LE(76) + 1) * 512
    for (let at = fat; at < fat + 512; at += 4) circle.writeUInt32LE(1, at)
    expect(await refusal(xls, circle)).toMatch(/^corrupt: .*circle/)
  })
})

/** A DOC of one piece of 8-bit text: paragraphs with their style (index into a stylesheet of heading 1) and properties. */
function docOf(
  paragraphs: readonly { readonly text: string; readonly style?: number; readonly sprms?: readonly number[] }[],
  flags = 0,
): Uint8Array {
  const text = Buffer.from(paragraphs.map((paragraph) => paragraph.text).join(''), 'latin1')
  const start = 0x400
  const page = Math.ceil((start + text.length) / 512)
  const word = Buffer.alloc((page + 1) * 512)
  const table: Buffer[] = []
  let tableLength = 0
  const put = (index: number, part: Buffer): void => {
    word.writeUInt32LE(tableLength, 0x9a + index * 8)
    word.writeUInt32LE(part.length, 0x9e + index * 8)
    table.push(part)
    tableLength += part.length
  }
  word.writeUInt16LE(0xa5ec, 0)
  word.writeUInt16LE(0xc1, 2)
  word.writeUInt16LE(0x0200 | flags, 10)
  word.writeUInt32LE(text.length, 0x4c)
  text.copy(word, start)
  let at = start
  let free = 500
  paragraphs.forEach(({ text: own, style = 0, sprms = [] }, n) => {
    word.writeUInt32LE(at, page * 512 + n * 4)
    at += own.length
    const properties = Buffer.from([0, 0, style, 0, ...sprms])
    properties[1] = Math.ceil((properties.length - 2) / 2)
    free = (free - properties.length) & ~1
    properties.copy(word, page * 512 + free)
    word.writeUInt8(free / 2, page * 512 + (paragraphs.length + 1) * 4 + n * 13)
  })
  word.writeUInt32LE(at, page * 512 + paragraphs.length * 4)
  word.writeUInt8(paragraphs.length, page * 512 + 511)
  const plc = Buffer.alloc(12)
  plc.writeUInt32LE(start)
  plc.writeUInt32LE(at, 4)
  plc.writeUInt32LE(page, 8)
  const clx = Buffer.alloc(21)
  clx.writeUInt8(2)
  clx.writeUInt32LE(16, 1)
  clx.writeUInt32LE(text.length, 9)
  clx.writeUInt32LE((0x40000000 | (start * 2)) >>> 0, 15)
  const sheet = Buffer.from([
    4, 0, 2, 0, 0, 0, /* normal */ 4, 0, 0, 0, 0xf1, 0xff, /* heading 1 */ 4, 0, 1, 0, 0xf1, 0xff,
  ])
  put(1, sheet)
  put(13, plc)
  put(33, clx)
  return compoundOf({ WordDocument: word, '1Table': Buffer.concat([...table, Buffer.alloc(5000)]) })
}

describe('doc', () => {
  it('keeps headings, lists, tables, and results and targets of fields', async () => {
    const inTable = [0x16, 0x24, 1]
    const { markdown } = await run(
      doc,
      docOf([
        { text: 'Top\r', style: 1 },
        { text: 'caf\xe9 \x13 HYPERLINK "https://x.example" \x14link\x15 \x02end\r' },
        { text: 'item\r', sprms: [0x0b, 0x46, 1, 0] },
        { text: 'sub\r', sprms: [0x0a, 0x26, 1, 0x0b, 0x46, 1, 0] },
        { text: 'a\x07', sprms: inTable },
        { text: 'b\x07', sprms: inTable },
        { text: '\x07', sprms: [...inTable, 0x17, 0x24, 1] },
        { text: 'line\x0bbreak\r' },
      ]),
    )
    expect(markdown).toBe(
      '# Top\n\ncafé [link](https://x.example) end\n\n- item\n  - sub\n\n| a | b |\n| --- | --- |\n\nline\nbreak',
    )
  })

  it('says when it is locked or damaged', async () => {
    expect(await refusal(doc, docOf([{ text: 'x\r' }], 0x0100))).toMatch(/^encrypted/)
    expect(await refusal(doc, compoundOf({ Other: Buffer.alloc(600) }))).toMatch(/^corrupt: .*no WordDocument/)
    expect(await refusal(doc, 'no compound file')).toMatch(/^corrupt/)
  })
})

function record(type: number, content: Buffer | readonly Buffer[], instance = 0): Buffer {
  const container = Array.isArray(content)
  const data = Buffer.concat(container ? [...(content as readonly Buffer[])] : [content as Buffer])
  const head = Buffer.alloc(8)
  head.writeUInt16LE((instance << 4) | (container ? 15 : 0))
  head.writeUInt16LE(type, 2)
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data])
}
const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, n) => {
    bytes.writeUInt32LE(value, n * 4)
  })
  return bytes
}
const shape = (kind: number, text: string): Buffer =>
  record(0xf00d, [record(0x0f9f, words(kind)), record(0x0fa0, Buffer.from(text, 'utf16le'))])

describe('ppt', () => {
  const slide = (...shapes: Buffer[]): Buffer =>
    record(0x03ee, [record(0x03ef, Buffer.alloc(24)), record(0x040c, shapes)])
  const parts = [
    // Listed second, then first: the order of the presentation is not that of the file.
    record(0x03e8, [
      record(0x0ff0, [
        record(0x03f3, words(3, 0, 0, 257, 0)),
        record(0x03f3, words(2, 0, 0, 256, 0)),
        record(0x0f9f, words(0)),
        record(0x0fa8, Buffer.from('From outline')),
      ]),
      record(0x0ff0, [record(0x03f3, words(4, 0, 0, 1, 0))], 2),
    ]),
    slide(shape(1, 'one\rtwo')),
    slide(shape(4, 'a box'), shape(0, 'First')),
    record(0x03f0, [record(0x03f1, words(257, 0)), shape(2, 'Speak up')]),
  ]
  const offsets = parts.map((_, n) => parts.slice(0, n).reduce((sum, part) => sum + part.length, 0))
  const end = parts.reduce((sum, part) => sum + part.length, 0)
  const directory = record(0x1772, words((4 << 20) | 1, ...offsets))
  const edit = record(0x0ff5, words(0, 0, 0, end, 1, 4, 0))
  const stream = Buffer.concat([...parts, directory, edit])
  const user = Buffer.concat([Buffer.alloc(8), words(20, 0xe391c05f, end + directory.length), Buffer.alloc(12)])

  it('takes slides in order with titles, lists and notes', async () => {
    const { markdown, pages } = await run(ppt, compoundOf({ 'PowerPoint Document': stream, 'Current User': user }))
    expect(markdown).toBe(
      '## Slide 1: First\n\na box\n\n**Notes:** Speak up\n\n## Slide 2: From outline\n\n- one\n- two',
    )
    expect(pages).toBe(2)
  })

  it('takes all text when the list of slides is damaged, and says when it is locked', async () => {
    const { markdown } = await run(ppt, compoundOf({ 'PowerPoint Document': stream }))
    for (const text of ['First', 'a box', '- one', 'Speak up']) expect(markdown).toContain(text)
    const locked = Buffer.from(user)
    locked.writeUInt32LE(0xf3d1c4df, 12)
    expect(await refusal(ppt, compoundOf({ 'PowerPoint Document': stream, 'Current User': locked }))).toMatch(
      /^encrypted/,
    )
    expect(await refusal(ppt, compoundOf({ Other: stream }))).toMatch(/^corrupt: .*no PowerPoint Document/)
  })
})
