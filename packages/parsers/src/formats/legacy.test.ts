import { utils, write } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { compoundOf, refusal, run } from '../../test/make-documents.ts'
import {
  artShape,
  dataEntry,
  docDrawings,
  docLists,
  docOf,
  formField,
  wideWord95,
  word2,
  words,
} from '../../test/make-legacy.ts'
import { openCompoundFile } from '../cfb.ts'
import { defaultLimits } from '../format.ts'
import { doc } from './doc.ts'
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

  it('counts the items of lists as Word prints them', async () => {
    const item = (text: string, list: number, level = 0) => ({
      text: `${text}\r`,
      sprms: [0x0a, 0x26, level, 0x0b, 0x46, list, 0],
    })
    const [lists, levels, overrides, starts] = docLists()
    const { markdown } = await run(
      doc,
      docOf(
        [
          item('one', 1),
          item('below', 1, 1),
          item('', 1),
          item('three', 1),
          item('dot', 1, 2),
          { text: 'between\r' },
          item('again', 2),
          item('unknown', 9),
        ],
        { parts: { 73: [lists, levels], 74: [overrides, starts] } },
      ),
    )
    expect(markdown).toBe('1. one\n   - (a) below\n3. three\n   - dot\n\nbetween\n\n3. again\n- unknown')
  })

  it('lets cells cover the columns that lie below them', async () => {
    const inTable = [0x16, 0x24, 1]
    const row = (edges: number[], ...texts: string[]) => {
      const places = edges.flatMap((edge) => [edge & 0xff, edge >> 8])
      const size = places.length + 2
      const sprms = [...inTable, 0x17, 0x24, 1, 0x08, 0xd6, size, 0, edges.length - 1, ...places]
      return [...texts.map((text) => ({ text: `${text}\x07`, sprms: inTable })), { text: '\x07', sprms }]
    }
    const { markdown } = await run(
      doc,
      docOf([
        ...row([0, 2000, 6000], 'name', 'both'),
        ...row([0, 2010, 4000, 6000], 'Ann', '1', '2'),
        ...row([0, 900, 6000], 'x', 'y'),
      ]),
    )
    expect(markdown).toBe('| name | both |  |\n| --- | --- | --- |\n| Ann | 1 | 2 |\n| x | y |  |')
  })

  it('marks notes where they belong, names who commented, and keeps headers once', async () => {
    const story = ['\x02 the note\r', 'line\r', 'Every page\r', '\x05Why so?\r']
    const main = 'text\x02 and\x05 more\r'
    const [note, line, header, comment] = story.map((text) => text.length) as [number, number, number, number]
    const margins = line + header * 2
    const author = Buffer.from('\x03\0A\0n\0n\0', 'latin1')
    const { markdown } = await run(
      doc,
      docOf(
        [
          { text: main },
          { text: story[0]! },
          { text: story[1]! },
          { text: story[2]! },
          { text: story[2]! },
          { text: story[3]! },
        ],
        {
          lengths: { 1: note, 2: margins, 4: comment },
          parts: {
            2: [Buffer.concat([words(4, main.length), Buffer.alloc(2)])],
            3: [words(0, note, note)],
            4: [Buffer.concat([words(9, main.length), Buffer.alloc(30)])],
            5: [words(0, comment, comment)],
            11: [words(0, line, line, line, line, line, line, line + header, margins)],
            36: [author],
          },
        },
      ),
    )
    expect(markdown).toBe('text[^1] and more\n\n[^1]: the note\n\n> Comment (Ann): Why so?\n\nEvery page')
  })

  it('keeps emphasis, symbols and tables in tables, and drops what is hidden or deleted', async () => {
    const inner = [0x16, 0x24, 1, 0x49, 0x66, 2, 0, 0, 0]
    const { markdown } = await run(
      doc,
      docOf([
        { text: 'bold', look: [0x35, 0x08, 1] },
        { text: ' italic', look: [0x36, 0x08, 1] },
        { text: ' gone', look: [0x00, 0x08, 1] },
        { text: ' hidden', look: [0x3c, 0x08, 1] },
        { text: '(', look: [0x09, 0x6a, 0, 0, 0xfc, 0xf0] },
        { text: ' page\x0cbreak \x13 PAGE \x13 IF \x14x\x15\x14 7\x15\r' },
        { text: 'outer\r', sprms: [0x16, 0x24, 1] },
        { text: 'in\r', sprms: [...inner, 0x4b, 0x24, 1] },
        { text: 'side\r', sprms: [...inner, 0x4b, 0x24, 1] },
        { text: '\r', sprms: [...inner, 0x4c, 0x24, 1] },
        { text: '\x07', sprms: [0x16, 0x24, 1] },
        { text: 'b\x07', sprms: [0x16, 0x24, 1] },
        { text: '\x07', sprms: [0x16, 0x24, 1, 0x17, 0x24, 1] },
      ]),
    )
    expect(markdown).toBe('**bold** *italic*• page\nbreak  7\n\n| outer in side | b |\n| --- | --- |')
  })

  it('shows what fields without a result show', async () => {
    const at = (place: number, ...more: number[]) => [0x03, 0x6a, place, 0, 0, 0, ...more]
    const isData = [0x06, 0x08, 1]
    const fields = [formField(1, 1), formField(1, 0), formField(2, 1, ['red', 'green'])]
    const { markdown } = await run(
      doc,
      docOf(
        [
          { text: '\x13 EQ \\* jc2 \\o\\ad(\\s\\up 10(Tokyo),T) \x15 ' },
          { text: '\x13 SYMBOL 174 \\f "Symbol" \\s 12\x15 \x13 MACROBUTTON Go Click here\x15\r' },
          { text: '\x13 FORMCHECKBOX ' },
          { text: '\x01', look: at(0, ...isData) },
          { text: '\x15 yes \x13 FORMCHECKBOX ' },
          { text: '\x01', look: at(fields[0]!.length, ...isData) },
          { text: '\x15 no \x13 FORMDROPDOWN ' },
          { text: '\x01', look: at(fields[0]!.length + fields[1]!.length, ...isData) },
          { text: '\x15\r' },
        ],
        { data: Buffer.concat(fields) },
      ),
    )
    expect(markdown).toBe('T(Tokyo) → Click here\n\n☒ yes ☐ no green')
  })

  it('says how pictures are described, shows WordArt, and puts text boxes of groups where these are', async () => {
    const anchor = (id: number): Buffer => Buffer.concat([words(id), Buffer.alloc(22)])
    const box = Buffer.alloc(22)
    box.writeInt32LE(12, 14)
    const main = 'one\x08\rtwo\x08\r\x01\r'
    const { markdown } = await run(
      doc,
      docOf(
        [
          { text: 'one\x08\r' },
          { text: 'two\x08\r' },
          { text: '\x01', look: [0x03, 0x6a, 0, 0, 0, 0] },
          { text: '\r' },
          { text: 'boxed\r' },
        ],
        {
          data: dataEntry(artShape(9, 0x381, 'A red barn')),
          lengths: { 5: 0, 6: 6 },
          parts: {
            40: [Buffer.concat([words(3, 8, main.length), anchor(10), anchor(13)])],
            50: [docDrawings([artShape(10), artShape(11, 0x381, 'A map'), artShape(12)], artShape(13, 0xc0, 'SALE'))],
            56: [Buffer.concat([words(0, 6), box])],
          },
        },
      ),
    )
    expect(markdown).toBe('one\n\nboxed\n\n![A map](image)\n\ntwo\n\nSALE\n\n![A red barn](image)')
  })

  it('reads Word 2, and Word 95 in characters of two bytes', async () => {
    const { markdown } = await run(doc, word2('Caf\xe9\r\n\x13 DATE \x14today\x15\r\n', 'Confidential\r\n'))
    expect(markdown).toBe('Café\n\ntoday\n\nConfidential')
    const packed = 'Bob\u1092s 1\u3530\r'
    expect((await run(doc, wideWord95(packed))).markdown).toBe('Bob’s 105')
  })

  it('writes equations on one line', async () => {
    const embedded = [0x0a, 0x08, 1, 0x03, 0x6a, 77, 0, 0, 0]
    const text = docOf([
      { text: 'so \x13 EMBED Equation.3 ' },
      { text: '\x14', look: embedded },
      { text: '\x01\x15 holds\r' },
    ])
    const file = openCompoundFile(text, defaultLimits)
    const equation = [
      ...new Array<number>(28).fill(0),
      3,
      1,
      1,
      3,
      1,
      1,
      2,
      0x83,
      120,
      0,
      3,
      15,
      0,
      0,
      0x11,
      1,
      2,
      0x88,
      50,
      0,
      0,
      0,
      0,
      0,
    ]
    const { markdown } = await run(
      doc,
      compoundOf({
        WordDocument: file.stream('WordDocument')!,
        '1Table': file.stream('1Table')!,
        'ObjectPool/_77/Equation Native': new Uint8Array(equation),
      }),
    )
    expect(markdown).toBe('so x^2 holds')
    // An object that cannot be read costs no more than itself.
    const large = new Uint8Array([...equation, ...new Array<number>(9000).fill(0)])
    const damaged = Buffer.from(
      compoundOf({
        WordDocument: file.stream('WordDocument')!,
        '1Table': file.stream('1Table')!,
        'ObjectPool/_77/Equation Native': large,
      }),
    )
    const name = Buffer.from('Equation Native', 'utf16le')
    const first = damaged.readUInt32LE(damaged.indexOf(name) + 116)
    damaged.writeUInt32LE(first, (damaged.readUInt32LE(76) + 1) * 512 + first * 4)
    expect((await run(doc, damaged)).markdown).toBe('so  holds')
  })

  it('reads its own streams, not those of what is embedded in it', async () => {
    const streams = (text: string, folder: string): Record<string, Uint8Array> => {
      const file = openCompoundFile(docOf([{ text }]), defaultLimits)
      return Object.fromEntries(['WordDocument', '1Table'].map((name) => [folder + name, file.stream(name)!]))
    }
    const bytes = compoundOf({ ...streams('inside\r', 'A/B/'), ...streams('outside\r', '') })
    expect(openCompoundFile(bytes, defaultLimits).names).toEqual(expect.arrayContaining(['B', '1Table']))
    expect((await run(doc, bytes)).markdown).toBe('outside')
  })

  it('says when it is locked or damaged', async () => {
    expect(await refusal(doc, docOf([{ text: 'x\r' }], { flags: 0x0100 }))).toMatch(/^encrypted/)
    expect(await refusal(doc, compoundOf({ Other: Buffer.alloc(600) }))).toMatch(/^corrupt: .*no WordDocument/)
    expect(await refusal(doc, 'no compound file')).toMatch(/^corrupt/)
  })
})
