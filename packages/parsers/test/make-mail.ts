const u16 = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer)
const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])

/** An attribute of TNEF: level, id with type, length, data, checksum. */
const attribute = (level: number, id: number, data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(level), u32(id), u32(data.length), data, u16(0)])
/** A list of properties of text, bytes and numbers. */
const properties = (list: readonly (readonly [id: number, value: string | Uint8Array | number])[]): Buffer =>
  Buffer.concat([
    u32(list.length),
    ...list.map(([id, value]) => {
      if (typeof value === 'number') return Buffer.concat([u16(3), u16(id), u32(value)])
      const bytes = typeof value === 'string' ? Buffer.from(`${value}\0`, 'utf16le') : value
      return Buffer.concat([
        u16(typeof value === 'string' ? 0x1f : 0x0102),
        u16(id),
        u32(1),
        u32(bytes.length),
        padded(bytes),
      ])
    }),
  ])
/** A named property of the set of appointments, and one by a name in letters. */
const named = Buffer.concat([
  u32(2),
  ...[u16(0x1f), u16(0x8001), u32(0x00062002), Buffer.alloc(12), u32(0), u32(0x8208), u32(1), u32(14)],
  padded(Buffer.from('Room 1\0', 'utf16le')),
  ...[u16(0x101e), u16(0x8002), Buffer.alloc(16), u32(1), u32(10), padded(Buffer.from('Words', 'utf16le'))],
  ...[u32(2), u32(2), padded(Buffer.from('a\0')), u32(2), padded(Buffer.from('b\0'))],
])
const head = Buffer.concat([u32(0x223e9f78), u16(1)])
const inner = Buffer.concat([
  head,
  attribute(
    1,
    0x9003,
    properties([
      [0x0037, 'Inner'],
      [0x1000, 'inner text'],
    ]),
  ),
])
/** A meeting with a table and a message in it, as Outlook sends them to others ([MS-OXTNEF]). */
export const winmail: Buffer = Buffer.concat([
  head,
  attribute(1, 0x00069007, Buffer.concat([u32(1251), u32(0)])),
  attribute(1, 0x00018004, Buffer.from('d2e5f1f200', 'hex')),
  attribute(1, 0x00078008, Buffer.from('IPM.Appointment\0')),
  attribute(1, 0x00069003, named),
  attribute(1, 0x00069003, properties([[0x1013, Buffer.from('<b>page</b> text')]])),
  attribute(
    1,
    0x00069004,
    Buffer.concat([
      u32(1),
      properties([
        [0x3001, 'Bob'],
        [0x39fe, 'bob@x.example'],
        [0x0c15, 1],
      ]),
    ]),
  ),
  attribute(2, 0x00069002, Buffer.alloc(14)),
  attribute(2, 0x00018010, Buffer.from('TABLE~1.CSV\0')),
  attribute(2, 0x0006800f, Buffer.from('a,b\n1,2\n')),
  attribute(2, 0x00069005, properties([[0x3707, 'table.csv']])),
  attribute(2, 0x00069002, Buffer.alloc(14)),
  attribute(
    2,
    0x00069005,
    properties([
      [0x3701, Buffer.concat([Buffer.alloc(16, 7), inner])],
      [0x3705, 5],
      [0x3001, 'Inner'],
    ]),
  ),
])

const length = (size: number): Buffer =>
  size < 128 ? Buffer.of(size) : Buffer.of(0x83, (size >> 16) & 255, (size >> 8) & 255, size & 255)
/** A value of DER. */
export const der = (tag: number, ...inside: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(inside)
  return Buffer.concat([Buffer.of(tag), length(content.length), content])
}
/** The same without a length, up to two zeros. */
export const open = (tag: number, ...inside: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.of(tag, 0x80), ...inside, Buffer.of(0, 0)])
export const id = (hex: string): Buffer => der(6, Buffer.from(hex, 'hex'))
/** How the ids of CMS begin. */
export const rsa = '2a864886f70d01'
const [signed, data] = [`${rsa}0702`, `${rsa}0701`]
const algorithms = der(0x31, der(0x30, id('608648016503040201')))
export const cms = (type: string, ...inside: readonly Uint8Array[]): Buffer =>
  der(0x30, id(type), der(0xa0, der(0x30, der(2, Buffer.of(1)), ...inside)))
/** Content with something like a signature. */
export const signedOf = (content: Uint8Array | string): Buffer =>
  cms(
    signed,
    algorithms,
    der(0x30, id(data), der(0xa0, der(4, Buffer.from(content)))),
    der(0x31, Buffer.alloc(40, 0x30)),
  )
