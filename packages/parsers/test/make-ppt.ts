import { artShape, record, wide, words } from './make-legacy.ts'

const shape = (kind: number, text: string, ...styles: Buffer[]): Buffer =>
  record(0xf00d, [record(0x0f9f, words(kind)), record(0x0fa0, Buffer.from(text, 'utf16le')), ...styles])

/** Of paragraphs: characters, level, and whether it has a bullet. */
const paragraphStyles = (...runs: readonly (readonly [length: number, level: number, bullet: number])[]): Buffer =>
  record(
    0x0fa1,
    Buffer.concat(
      runs.map(([length, level, bullet]) => {
        const run = Buffer.alloc(14)
        run.writeUInt32LE(length)
        run.writeUInt16LE(level, 4)
        // Bullet or none, and an alignment behind it.
        run.writeUInt32LE(0x801, 6)
        run.writeUInt16LE(bullet, 10)
        return run
      }),
    ),
  )

/** The streams of a presentation of two slides, one with notes. */
export function pptStreams({ hidesSecond = false } = {}): { readonly stream: Buffer; readonly user: Buffer } {
  const cell = (left: number, top: number, text: string): Buffer =>
    record(0xf004, [record(0xf00f, words(left, top, left + 9, top + 9)), shape(4, text)])
  // One property: that the group is a table.
  const isTable = record(0xf122, Buffer.from([0x9f, 0x03, 1, 0, 0, 0]), 1)
  const table = record(0xf003, [
    record(0xf004, [isTable]),
    cell(0, 10, '1'),
    cell(0, 0, 'a'),
    cell(10, 0, 'b'),
    cell(10, 10, 'x|y'),
    record(0xf004, [record(0xf00f, words(5, 5, 6, 6))]),
  ])
  const said = (instance: number, text: string): Buffer => record(0x0fba, Buffer.from(text, 'utf16le'), instance)
  const comment = record(0x2ee0, [said(0, 'Ann'), said(1, 'Why so?'), said(2, 'A')])
  const slide = (shapes: readonly Buffer[], ...more: Buffer[]): Buffer =>
    record(0x03ee, [
      underMaster(99),
      ...more,
      record(0x0faa, Buffer.from([9, 0, 0, 0, 3, 0, 0, 0, 0, 0, 7, 4])),
      record(0x040c, shapes),
      record(0x1388, [record(0x138a, [said(0, '___PPT10'), record(0x138b, comment)])]),
    ])
  /** Which master it has, by the number this is listed with. */
  const underMaster = (id: number): Buffer => record(0x03ef, words(0, 0, 0, id, 0, 7))
  const footer = (text: string, instance: number): Buffer =>
    record(0x0fd9, [record(0x0fda, words(0x200000)), said(2, text)], instance)
  const parts = [
    // Listed second, then first: the order of the presentation is not that of the file.
    record(0x03e8, [
      record(0x0409, [record(0x0fd7, [record(0x0fd3, words(7)), said(1, 'https://x.example')])]),
      record(0x0ff0, [
        record(0x03f3, words(3, 0, 0, 257, 0)),
        record(0x03f3, words(2, 0, 0, 256, 0)),
        record(0x0f9f, words(0)),
        record(0x0fa8, Buffer.from('From outline')),
      ]),
      record(0x0ff0, [record(0x03f3, words(4, 0, 0, 1, 0))], 2),
      record(0x0ff0, [record(0x03f3, words(5, 0, 0, 99, 0))], 1),
      footer('For all', 3),
    ]),
    slide(
      [shape(1, 'head\rone\rtwo', paragraphStyles([5, 0, 0], [4, 0, 1], [4, 1, 1]))],
      ...(hidesSecond
        ? [record(0x03f9, words(0, 0, 0x40000, 0)), footer('Of its own', 0), artShape(7, 0x381, 'A red barn')]
        : []),
    ),
    slide([
      shape(4, 'a box', record(0x0ff2, [record(0x0ff3, words(0, 7, 0, 0))]), record(0x0fdf, words(2, 5))),
      table,
      shape(0, 'First'),
    ]),
    record(0x03f0, [record(0x03f1, words(257, 0)), shape(2, 'Speak up')]),
    record(0x03f8, [
      underMaster(0),
      record(0x040c, [
        record(0xf004, [shape(4, 'Example Ltd *', record(0x0fd8, words(12)))]),
        record(0xf004, [record(0xf011, [record(0x0bc3, words(0, 0))]), shape(0, 'Click to edit')]),
      ]),
    ]),
  ]
  const offsets = parts.map((_, n) => parts.slice(0, n).reduce((sum, part) => sum + part.length, 0))
  const end = parts.reduce((sum, part) => sum + part.length, 0)
  const directory = record(0x1772, words((5 << 20) | 1, ...offsets))
  const edit = record(0x0ff5, words(0, 0, 0, end, 1, 4, 0))
  const stream = Buffer.concat([...parts, directory, edit])
  const user = Buffer.concat([Buffer.alloc(8), words(20, 0xe391c05f, end + directory.length), Buffer.alloc(12)])
  return { stream, user }
}

/** A presentation of PowerPoint 95 with two slides, one with notes; its records' heads have 16 bytes. */
export function ppt95Stream(): Buffer {
  const old = (kind: number, content: Buffer | readonly Buffer[], instance = 0): Buffer => {
    const isContainer = Array.isArray(content)
    const data = Buffer.concat(isContainer ? [...(content as readonly Buffer[])] : [content as Buffer])
    return Buffer.concat([words(kind, isContainer ? 0xffff : 0, data.length, instance), data])
  }
  const box = (kind: number, text: string): Buffer =>
    old(0x0bc2, [
      old(0x0fa3, words(kind)),
      old(0x0fe0, [old(0x07ee, Buffer.from(text, 'latin1'), 53), old(0x07ec, [old(0x07ee, words(1, 2), 48)], 48)]),
    ])
  const notes = old(0x03f0, [box(2, 'Said aloud'), box(4, '*')])
  const slides = [
    old(0x03ee, [notes, old(0x0bb8, [box(0, 'Old \x93title\x94'), box(1, 'one\rtwo')])]),
    old(0x03ee, [old(0x0bb8, [old(0x0bc8, [box(4, 'in a group')])])]),
  ]
  const master = old(0x07d0, [old(0x03f8, [box(0, 'Click here')])], 11)
  return old(3, [old(0x03e8, [old(0x07d0, slides, 10), master])])
}

/** How characters look, one behind the other: how many, whether bold (1) or italic (2), and the number of their numbering. */
export interface CharacterStyle {
  readonly length: number
  readonly look?: number
  readonly numbering?: number
  readonly symbols?: number
}

/** A presentation of one slide with one text, its styles, and numberings that begin at some number. */
export function styledPpt(
  text: string,
  looks: readonly CharacterStyle[],
  numberings: readonly (number | undefined)[],
): { readonly stream: Buffer; readonly user: Buffer } {
  const paragraph = Buffer.alloc(12)
  paragraph.writeUInt32LE(text.length + 1)
  paragraph.writeUInt32LE(1, 6)
  paragraph.writeUInt16LE(1, 10)
  const runs = looks.map(({ length, look = 0, numbering = 0, symbols }) => {
    const run = Buffer.alloc(symbols === undefined ? 10 : 12)
    run.writeUInt32LE(length)
    run.writeUInt32LE((symbols === undefined ? 0 : 0x800000) | 0x23c03, 4)
    run.writeUInt16LE(look | (numbering << 10), 8)
    if (symbols !== undefined) run.writeUInt16LE(symbols, 10)
    // Its size.
    return Buffer.concat([run, Buffer.from([18, 0])])
  })
  const more = numberings.map((start) => {
    const entry = Buffer.alloc(start === undefined ? 12 : 18)
    if (start === undefined) return entry
    entry.writeUInt32LE(0x3000000)
    entry.writeUInt16LE(1, 4)
    // Letters with a parenthesis behind them.
    entry.writeUInt16LE(9, 6)
    entry.writeUInt16LE(start, 8)
    return entry
  })
  const tag = record(0x138a, [record(0x0fba, wide('___PPT9')), record(0x138b, [record(0x0fac, Buffer.concat(more))])])
  const box = record(0xf004, [
    record(0xf011, [record(0x1388, [tag])]),
    shape(4, text, record(0x0fa1, Buffer.concat([paragraph, ...runs]))),
  ])
  const font = Buffer.alloc(68)
  wide('Wingdings').copy(font)
  const document = record(0x03e8, [
    record(0x03f2, [record(0x07d5, [record(0x0fb7, font)])]),
    record(0x0ff0, [record(0x03f3, words(2, 0, 0, 256, 0))]),
  ])
  const slide = record(0x03ee, [record(0x03ef, words(0, 0, 0, 0, 0, 0)), record(0x040c, [box])])
  const end = document.length + slide.length
  const directory = record(0x1772, words((2 << 20) | 1, 0, document.length))
  const edit = record(0x0ff5, words(0, 0, 0, end, 1, 2, 0))
  const user = Buffer.concat([Buffer.alloc(8), words(20, 0xe391c05f, end + directory.length), Buffer.alloc(12)])
  return { stream: Buffer.concat([document, slide, directory, edit]), user }
}

/** A presentation of PowerPoint 4: slides with texts and texts of their notes; the list of slides names them backwards. */
export function ppt4Stream(
  ...slides: readonly (readonly [texts: readonly string[], notes: readonly string[]])[]
): Buffer {
  const textZone = (texts: readonly string[]): Buffer =>
    Buffer.concat(
      texts.flatMap((text) => {
        const padded = Buffer.alloc(text.length + (text.length % 2))
        padded.write(text, 'latin1')
        const mark = Buffer.from([9, 9, 9, 1, 0])
        return [mark, words(text.length), padded, Buffer.from([12, 0]), words(text.length, 0x10010)]
      }),
    )
  const zones: Buffer[] = []
  const places = slides.map(([texts, notes]) => {
    const first = zones.length
    zones.push(textZone(texts), words(first, 0), textZone(notes), words(first + 2, 0))
    zones.push(Buffer.concat([words(0, 0, first + 1, first + 3), Buffer.alloc(0x12)]))
    return first + 4
  })
  zones.push(words(slides.length, 0, 0, 0, ...places.reverse().flatMap((place) => [0, 0, 0, place])))
  zones.push(textZone(['Click to edit']))
  const list = 16
  const start = list + zones.length * 8 + 8
  const entries = zones.flatMap((zone, n) => [
    0x80000000 + zone.length,
    start + zones.slice(0, n).reduce((sum, each) => sum + each.length, 0),
  ])
  return Buffer.concat([words(0x0baddeed, 4, list, zones.length), words(...entries, 0, 0), ...zones])
}
