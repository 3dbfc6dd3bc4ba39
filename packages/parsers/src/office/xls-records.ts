const endOfFile = 0x000a
const continues = 0x003c
const startRecord = 0x0809

/**
 * Goes over the records of one part of a workbook stream ([MS-XLS] 2.1.4) from its start to its end, those of charts
 * inside it too. `segments` are a record's bytes and those of the records that continue it, `view` looks at the first.
 */
export function scanRecords(
  stream: Uint8Array,
  offset: number,
  hear: (type: number, segments: readonly Uint8Array[], view: DataView) => void,
): void {
  let depth = 0
  for (let at = offset; at + 4 <= stream.length; ) {
    const type = stream[at]! | (stream[at + 1]! << 8)
    let end = at + 4 + (stream[at + 2]! | (stream[at + 3]! << 8))
    const first = stream.subarray(at + 4, Math.min(end, stream.length))
    const segments = [first]
    while (stream[end] === continues && stream[end + 1] === 0 && end + 4 <= stream.length) {
      const next = end + 4 + (stream[end + 2]! | (stream[end + 3]! << 8))
      segments.push(stream.subarray(end + 4, Math.min(next, stream.length)))
      end = next
    }
    at = end
    if (type === startRecord) depth++
    else if (type === endOfFile && --depth <= 0) return
    hear(type, segments, new DataView(first.buffer, first.byteOffset, first.byteLength))
  }
}
