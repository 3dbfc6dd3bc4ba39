const reach = 256
let segmenter: Intl.Segmenter | undefined

/** The largest boundary between graphemes at or below `position`; only text around it is looked at. */
export function graphemeFloor(text: string, position: number): number {
  if (position <= 0 || position >= text.length || isPlain(text, position)) return position
  const floor = Math.max(0, position - reach)
  let start = position
  // Segmenting may begin between two ASCII characters alone: anywhere else a cluster may be under way.
  while (start > floor && !isPlain(text, start)) start--
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const window = text.slice(start, Math.min(text.length, position + reach))
  const boundary = start + (segmenter.segment(window).containing(position - start)?.index ?? 0)
  // A cluster longer than the window is not text: a hard limit matters more than keeping it whole.
  return boundary > start ? boundary : surrogateFloor(text, position)
}

function isPlain(text: string, position: number): boolean {
  const before = text.charCodeAt(position - 1)
  const after = text.charCodeAt(position)
  return before < 0x80 && after < 0x80 && !(before === 13 && after === 10)
}

function surrogateFloor(text: string, position: number): number {
  const after = text.charCodeAt(position)
  const before = text.charCodeAt(position - 1)
  return after >= 0xdc00 && after <= 0xdfff && before >= 0xd800 && before <= 0xdbff ? position - 1 : position
}
