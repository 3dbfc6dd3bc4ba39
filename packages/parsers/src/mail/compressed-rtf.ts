import { FormatError } from '../format.ts'

const prefill =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx'
const windowBytes = 4096

/** Unpacks the RTF body of an Outlook message ([MS-OXRTFCP]). Throws FormatError `corrupt` or `too_large`. */
export function inflateRtf(packed: Uint8Array, maxBytes: number): Uint8Array {
  if (packed.length < 16) throw new FormatError('corrupt', 'Its RTF body is cut short')
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const size = view.getUint32(4, true)
  const kind = view.getUint32(8, true)
  if (kind === 0x414c454d) return packed.subarray(16, 16 + size)
  if (kind !== 0x75465a4c) throw new FormatError('corrupt', 'Its RTF body is packed in an unknown way')
  // A reference of two bytes gives at most 17.
  if (size > maxBytes || size > packed.length * 9)
    throw new FormatError('too_large', 'Its RTF body unpacks to more than it can hold')
  const window = new Uint8Array(windowBytes)
  window.set(Buffer.from(prefill, 'latin1'))
  const out = new Uint8Array(size)
  let write = prefill.length
  let length = 0
  const put = (byte: number): void => {
    if (length < size) out[length++] = byte
    window[write] = byte
    write = (write + 1) % windowBytes
  }
  for (let at = 16; at < packed.length && length < size; ) {
    const flags = packed[at++]!
    for (let bit = 0; bit < 8 && at < packed.length && length < size; bit++) {
      if ((flags & (1 << bit)) === 0) {
        put(packed[at++]!)
        continue
      }
      const reference = (packed[at]! << 8) | (packed[at + 1] ?? 0)
      at += 2
      const offset = reference >> 4
      if (offset === write) return out.subarray(0, length)
      for (let n = 0; n < (reference & 15) + 2; n++) put(window[(offset + n) % windowBytes]!)
    }
  }
  return out.subarray(0, length)
}
