const korean = new TextDecoder('euc-kr')
const chinese = new TextDecoder('gb18030')

/** Seven bits that switch to Korean and back by `SO` and `SI` (ISO-2022-KR, RFC 1557): it says so at its beginning. */
export function isIso2022Kr(bytes: Uint8Array): boolean {
  const at = asBuffer(bytes).indexOf('\u001b$)C', 0, 'latin1')
  return at >= 0 && bytes.includes(14)
}

export function decodeIso2022Kr(bytes: Uint8Array): string {
  const out = new Uint8Array(bytes.length)
  let length = 0
  let isShifted = false
  for (const byte of bytes) {
    if (byte === 14) isShifted = true
    else if (byte === 15) isShifted = false
    else {
      if (byte === 10) isShifted = false
      out[length++] = isShifted && isGraphic(byte) ? byte | 0x80 : byte
    }
  }
  return korean.decode(out.subarray(0, length)).replaceAll('\u001b$)C', '')
}

/** Seven bits that switch to Chinese by `~{` and back by `~}` (HZ, RFC 1843): pairs of the standard's rows between. */
export function isHz(bytes: Uint8Array): boolean {
  const file = asBuffer(bytes)
  let pairs = 0
  for (let at = file.indexOf('~{', 0, 'latin1'); at >= 0; at = file.indexOf('~{', at + 2, 'latin1')) {
    const end = file.indexOf('~}', at + 2, 'latin1')
    if (end < 0 || (end - at) % 2 !== 0) return false
    for (let index = at + 2; index < end; index += 2) {
      const row = file[index]!
      if (row < 0x21 || row > 0x77 || !isGraphic(file[index + 1]!)) return false
      pairs++
    }
    at = end
  }
  return pairs > 0
}

export function decodeHz(bytes: Uint8Array): string {
  const out = new Uint8Array(bytes.length)
  let length = 0
  let isShifted = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    const next = bytes[at + 1]
    if (byte === 0x7e && (next === 0x7b || next === 0x7d)) {
      isShifted = next === 0x7b
      at++
    } else if (byte === 0x7e && !isShifted && (next === 0x7e || next === 10)) {
      if (next === 0x7e) out[length++] = 0x7e
      at++
    } else out[length++] = isShifted && isGraphic(byte) ? byte | 0x80 : byte
  }
  return chinese.decode(out.subarray(0, length))
}

function isGraphic(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
