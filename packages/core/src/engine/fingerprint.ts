import type { Entry } from '../contract/entry.ts'

/** A 53-bit hash of everything a listing says besides id, version and ref: when only this changes, no content is read. */
export function fingerprint(entry: Entry): number {
  return hash53(
    JSON.stringify([
      entry.path,
      entry.title,
      entry.mimeType,
      entry.size,
      entry.createdAt,
      entry.updatedAt,
      entry.url,
      entry.author,
      entry.acl,
      entry.metadata,
      entry.unavailable,
    ]),
  )
}

/** The fingerprint of an entry that the next listing looks at again, whatever it then says. */
export const unfinished = 0

/** The same, or {@link unfinished} for an entry that JSON cannot hold. */
export function tryFingerprint(entry: Entry): number {
  try {
    return fingerprint(entry)
  } catch {
    return unfinished
  }
}

/** Two interleaved 32-bit multiply-xor lanes; equality only, not for hostile input. */
export function hash53(text: string): number {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 2654435761)
    high = Math.imul(high ^ unit, 1597334677)
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  return 4294967296 * (2097151 & high) + (low >>> 0)
}
