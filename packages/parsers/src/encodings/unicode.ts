/** Latin text in UTF-16 without a mark has a zero in nearly every second byte; other text has none at all. */
export function utf16Order(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const length = Math.min(bytes.length, 4096) & ~1
  if (length < 4 || !bytes.subarray(0, length).includes(0)) return undefined
  let even = 0
  let odd = 0
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even++
    if (bytes[index + 1] === 0) odd++
  }
  const pairs = length / 2
  if (odd > pairs * 0.7 && even < pairs * 0.1) return 'utf-16le'
  if (even > pairs * 0.7 && odd < pairs * 0.1) return 'utf-16be'
  return undefined
}

/** By its mark, else by what every character has: a first byte of zero and a second of at most sixteen. */
export function utf32Order(bytes: Uint8Array): 'utf-32le' | 'utf-32be' | undefined {
  const [a, b, c, d] = bytes
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return 'utf-32le'
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be'
  const length = Math.min(bytes.length, 4096) & ~3
  if (length < 16) return undefined
  if (isUtf32(bytes, length, 3, 2)) return 'utf-32le'
  return isUtf32(bytes, length, 0, 1) ? 'utf-32be' : undefined
}

function isUtf32(bytes: Uint8Array, length: number, high: number, next: number): boolean {
  let isText = false
  for (let at = 0; at < length; at += 4) {
    if (bytes[at + high] !== 0 || bytes[at + next]! > 16) return false
    isText ||= bytes[at] !== bytes[at + 3]
  }
  return isText
}

/** Whether all but a few bytes are UTF-8: text that was cut, or has been put together from two encodings. */
export function isNearlyUtf8(bytes: Uint8Array): boolean {
  let good = 0
  let bad = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at]! < 0x80) {
      at++
      continue
    }
    const length = sequenceLength(bytes, at)
    if (length > 0) {
      good++
      at += length
    } else {
      if (isCutAtEnd(bytes, at)) break
      bad++
      at++
    }
  }
  return good > 0 && (bad === 0 || (good > 3 && bad * 8 <= good))
}

/** UTF-8 where it is, Windows' Latin for the bytes between; pairs of surrogates (CESU-8) become what they stand for. */
export function decodeNearlyUtf8(bytes: Uint8Array): string {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const latin = new TextDecoder('windows-1252')
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]! < 0x80 ? 1 : sequenceLength(bytes, at)
    if (length > 0 && length < 6) {
      at += length
      continue
    }
    parts.push(file.toString('utf8', from, at))
    if (length === 6) {
      parts.push(String.fromCharCode(surrogate(bytes, at), surrogate(bytes, at + 3)))
      at += 6
    } else if (isCutAtEnd(bytes, at)) {
      at = bytes.length
    } else {
      parts.push(latin.decode(bytes.subarray(at, at + 1)))
      at++
    }
    from = at
  }
  parts.push(file.toString('utf8', from))
  return parts.join('')
}

/** Bytes of the character that begins at `at`, six for a pair of surrogates; 0 where none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  const second = bytes[at + 1] ?? 0
  if (first < 0xc2 || first > 0xf4 || !isTrail(second)) return 0
  if (first < 0xe0) return 2
  if (!isTrail(bytes[at + 2])) return 0
  if (first < 0xf0) {
    if (first === 0xe0 && second < 0xa0) return 0
    if (first !== 0xed || second < 0xa0) return 3
    const isPair = second < 0xb0 && bytes[at + 3] === 0xed && (bytes[at + 4] ?? 0) >= 0xb0
    return isPair && isTrail(bytes[at + 4]) && isTrail(bytes[at + 5]) ? 6 : 0
  }
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0
  return isTrail(bytes[at + 3]) ? 4 : 0
}

function isCutAtEnd(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]!
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 ? 2 : 0
  if (first >= 0xf5 || at + length <= bytes.length) return false
  for (let next = at + 1; next < bytes.length; next++) if (!isTrail(bytes[next])) return false
  return true
}

function isTrail(byte = 0): boolean {
  return (byte & 0xc0) === 0x80
}

function surrogate(bytes: Uint8Array, at: number): number {
  return 0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)
}
