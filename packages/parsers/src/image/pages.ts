const maxPages = 10_000

/** Pictures in a TIFF, which a scanner or a fax machine writes a page each (TIFF 6.0, section 2). */
export function tiffPages(bytes: Uint8Array): number {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLittle = file[0] === 0x49
  const short = (at: number): number => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at))
  const long = (at: number): number => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at))
  const seen = new Set<number>()
  let at = file.length < 8 ? 0 : long(4)
  while (at > 0 && at + 2 <= file.length && !seen.has(at) && seen.size < maxPages) {
    seen.add(at)
    const next = at + 2 + short(at) * 12
    if (next + 4 > file.length) break
    at = long(next)
  }
  return seen.size
}
