const reach = 256
let segmenter: Intl.Segmenter | undefined

/** The largest boundary between graphemes at or below `position`; only text around it is looked at. */
export function graphemeFloor(text: string, position: number): number {
  if (position <= 0 || position >= text.length || isPlain(text, position)) return position
  const floor = Math.max(0, position - reach)
  let start = position
  // Segmenting may begin between two simple characters alone: anywhere else a cluster may be under way.
  while (start > floor && !isPlain(text, start)) start--
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const window = text.slice(start, Math.min(text.length, position + reach))
  const boundary = start + (segmenter.segment(window).containing(position - start)?.index ?? 0)
  // A cluster longer than the window is not text: a hard limit matters more than keeping it whole.
  return boundary > start || start > floor || start === 0 ? boundary : surrogateFloor(text, position)
}

function isPlain(text: string, position: number): boolean {
  const before = text.charCodeAt(position - 1)
  const after = text.charCodeAt(position)
  return isSimple(before) && isSimple(after) && !(before === 13 && after === 10)
}

/** ASCII, Latin, Greek, Cyrillic, Japanese, Chinese: characters that never join their neighbours by themselves. */
function isSimple(code: number): boolean {
  if (code < 0x80 || (code >= 0xc0 && code < 0x300) || (code >= 0x370 && code < 0x483)) return true
  return (
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0x3041 && code <= 0x3096) ||
    (code >= 0x30a1 && code <= 0x30fc) ||
    (code >= 0x3001 && code <= 0x3029) ||
    code === 0xff01 ||
    code === 0xff1f
  )
}

/** Never between the halves of one character; for where nothing better is to be had. */
export function surrogateFloor(text: string, position: number): number {
  const after = text.charCodeAt(position)
  const before = text.charCodeAt(position - 1)
  return after >= 0xdc00 && after <= 0xdfff && before >= 0xd800 && before <= 0xdbff ? position - 1 : position
}
