import { withPlace } from './cell-name.ts'

const hasMoniker = 1
const hasPlace = 8
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
  const size = bytes.readUInt32LE(at + 16)
  const target = textAt(bytes, at + 20, size)
  const end = at + 20 + size
  if (target === '') return undefined
  const isPlaced = (flags & hasPlace) !== 0 && end + 4 <= data.length
  return withPlace(target, isPlaced ? textAt(bytes, end + 4, bytes.readUInt32LE(end) * 2) : undefined)
}

/** Up to its zero. */
function textAt(bytes: Buffer, at: number, size: number): string {
  const text = bytes.toString('utf16le', at, Math.min(bytes.length, at + Math.min(size, mostBytes)))
  const stop = text.indexOf('\u0000')
  return (stop < 0 ? text : text.slice(0, stop)).toWellFormed()
}
