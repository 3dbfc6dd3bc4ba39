import { randomFillSync } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const pool = new Uint8Array(4096)
let used = pool.length
let lastMs = 0
let counter = 0

/** What ids begin with; the rest is a UUIDv7 in Crockford's base32. */
export type IdPrefix = 'conn' | 'col' | 'job' | 'doc' | 'chunk' | 'key' | 'evt' | 'wh' | 'req'

function random(bytes: number): Uint8Array {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.subarray(used - bytes, used)
}

/**
 * A UUIDv7 (RFC 9562) as 26 characters. Ids made in one process sort in the order they were made:
 * the 12 bits after the time count within a millisecond.
 */
function uuid7(): Uint8Array {
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    counter = ((random(1)[0] ?? 0) << 2) & 0x3ff
  } else if (++counter > 0xfff) {
    lastMs++
    counter = 0
  }
  const bytes = new Uint8Array(16)
  let ms = lastMs
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256
    ms = Math.floor(ms / 256)
  }
  bytes.set(random(8), 8)
  bytes[6] = 0x70 | (counter >> 8)
  bytes[7] = counter & 0xff
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return bytes
}

/** A new public id, such as `doc_01jd6y…`: sorts by the time it was made, in the order it was made within one process. */
export function newId(prefix: IdPrefix): string {
  const bytes = uuid7()
  let text = ''
  let bits = 2
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return `${prefix}_${text}`
}
