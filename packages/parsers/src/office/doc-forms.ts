const headerBytes = 0x44
const [checkBox, dropDown] = [1, 2]
/** In place of a result: the field is as it was made. */
const untouched = 25

/** What a form field shows that has no text of its own: a box to tick, or the choice made from a list ([MS-DOC] 2.9.78). */
export function formText(data: DataView, place: number): string {
  const at = place + headerBytes
  if (at + 10 > data.byteLength || data.getUint32(at, true) !== 0xffffffff) return ''
  const bits = data.getUint16(at + 4, true)
  const kind = bits & 3
  const result = (bits >> 2) & 31
  if (kind !== checkBox && kind !== dropDown) return ''
  let next = skipString(data, at + 10)
  const chosen = result === untouched ? data.getUint16(next, true) : result
  if (kind === checkBox) return chosen === 1 ? '☒' : '☐'
  next += 2
  // Its format, help, status and macros stand before the choices.
  for (let n = 0; n < 5; n++) next = skipString(data, next)
  const count = data.getUint16(next + 2, true)
  next += 6
  for (let n = 0; n < count && n < chosen; n++) next += 2 + data.getUint16(next, true) * 2
  if (chosen >= count) return ''
  const length = data.getUint16(next, true)
  return Buffer.from(data.buffer, data.byteOffset + next + 2, length * 2).toString('utf16le')
}

/** A counted string with a zero behind it. */
function skipString(data: DataView, at: number): number {
  return at + 4 + data.getUint16(at, true) * 2
}
