const [lineFeed, carriageReturn, space, equals] = [10, 13, 32, 61] as const

/** The bytes of a part as they were before they were sent (RFC 2045, 6); unknown encodings leave them as they are. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  switch (encoding) {
    case 'base64':
      return Buffer.from(view(bytes).toString('latin1'), 'base64')
    case 'quoted-printable':
      return bytes.includes(equals) ? decodeQuoted(bytes) : bytes
    case 'uuencode':
    case 'x-uuencode':
    case 'x-uue':
    case 'uue':
      return decodeUu(bytes) ?? bytes
    default:
      return bytes
  }
}

/** Quoted-printable: `=` and two digits, and `=` at a line's end, which joins it with the next. */
export function decodeQuoted(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte !== equals) {
      out[length++] = byte
      continue
    }
    const high = digit(bytes[at + 1])
    const low = digit(bytes[at + 2])
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low
      at += 2
      continue
    }
    let end = at + 1
    while (bytes[end] === space || bytes[end] === 9) end++
    if (bytes[end] === carriageReturn && bytes[end + 1] === lineFeed) at = end + 1
    else if (bytes[end] === lineFeed || end >= bytes.length) at = end
    else out[length++] = byte
  }
  return out.subarray(0, length)
}

function digit(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** From its `begin` to its `end`; undefined without either a beginning or any line of data. */
function decodeUu(bytes: Uint8Array): Buffer | undefined {
  const file = view(bytes)
  let at = file.indexOf('begin ')
  if (at < 0) return undefined
  const out = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (;;) {
    at = file.indexOf(lineFeed, at)
    if (at < 0) break
    at++
    const size = at < file.length ? (file[at]! - space) & 63 : 0
    if (size === 0 || file.toString('latin1', at, at + 3) === 'end') break
    for (let got = 0, from = at + 1; got < size; got += 3, from += 4) {
      const triple =
        (sixBits(file[from]) << 18) |
        (sixBits(file[from + 1]) << 12) |
        (sixBits(file[from + 2]) << 6) |
        sixBits(file[from + 3])
      for (let n = 0; n < 3 && got + n < size; n++) out[length++] = (triple >> (16 - 8 * n)) & 255
    }
  }
  return length === 0 ? undefined : out.subarray(0, length)
}

function sixBits(byte: number = space): number {
  return (byte - space) & 63
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
