/** The tables of a TrueType font that tell the letters of its glyphs, which come in the order of `letters` from 1 on; none is drawn. */
export function makeSfnt(letters: string): Uint8Array<ArrayBuffer> {
  const codes = Array.from(letters, (letter) => letter.charCodeAt(0))
  const order = codes.map((code, index) => ({ code, glyph: index + 1 })).sort((a, b) => a.code - b.code)
  const glyphs = codes.length + 1
  const segments = [...order.map(({ code, glyph }) => ({ code, delta: glyph - code })), { code: 0xffff, delta: 1 }]
  const count = segments.length
  const format4 = words([
    4,
    16 + count * 8,
    0,
    count * 2,
    0,
    0,
    0,
    ...segments.map(({ code }) => code),
    0,
    ...segments.map(({ code }) => code),
    ...segments.map(({ delta }) => delta & 0xffff),
    ...segments.map(() => 0),
  ])
  const tables: Readonly<Record<string, Buffer>> = {
    cmap: Buffer.concat([words([0, 1, 3, 1, 0, 12]), format4]),
    glyf: Buffer.alloc(4),
    head: words([
      1,
      0,
      1,
      0,
      0,
      0,
      0x5f0f,
      0x3cf5,
      0,
      1000,
      ...new Array<number>(8).fill(0),
      0,
      0,
      1000,
      1000,
      0,
      8,
      2,
      0,
      0,
    ]),
    hhea: words([1, 0, 800, 65336, 0, 1000, ...new Array<number>(11).fill(0), glyphs]),
    hmtx: words(Array.from({ length: glyphs * 2 }, (_, index) => (index % 2 === 0 ? 500 : 0))),
    loca: words(new Array<number>(glyphs + 1).fill(0)),
    maxp: words([1, 0, glyphs, ...new Array<number>(13).fill(0)]),
  }
  const names = Object.keys(tables)
  let offset = 12 + names.length * 16
  const directory = names.map((name) => {
    const record = Buffer.alloc(16)
    record.write(name, 'latin1')
    record.writeUInt32BE(offset, 8)
    record.writeUInt32BE(tables[name]!.length, 12)
    offset += tables[name]!.length
    return record
  })
  return new Uint8Array(
    Buffer.concat([words([1, 0, names.length, 64, 2, 48]), ...directory, ...names.map((name) => tables[name]!)]),
  )
}

function words(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => void buffer.writeUInt16BE(value, index * 2))
  return buffer
}
