const hasMoniker = 1
const hasName = 0x10
const hasFrame = 0x80
const urlMoniker = 0x79eac9e0
const mostBytes = 4000

/** The address behind a cell ([MS-OSHARED] 2.3.7.1); undefined for places in the same file. */
export function linkTarget(data: Uint8Array): string | undefined {
  if (data.length < 32) return undefined
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const flags = bytes.readUInt32LE(28)
  let at = 32
  for (const part of [hasName, hasFrame])
    if ((flags & part) !== 0 && at + 4 <= data.length) at += 4 + bytes.readUInt32LE(at) * 2
  if ((flags & hasMoniker) === 0 || at + 20 > data.length || bytes.readUInt32LE(at) !== urlMoniker) return undefined
  const text = bytes.toString(
    'utf16le',
    at + 20,
    Math.min(data.length, at + 20 + Math.min(bytes.readUInt32LE(at + 16), mostBytes)),
  )
  const stop = text.indexOf('\u0000')
  const target = (stop < 0 ? text : text.slice(0, stop)).toWellFormed()
  return target === '' ? undefined : target
}
