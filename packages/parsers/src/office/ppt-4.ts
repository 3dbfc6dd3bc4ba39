import type { PptSlide } from './ppt-records.ts'
import type { SlideText } from './ppt-texts.ts'

interface Zone {
  readonly start: number
  readonly end: number
}

const maxZones = 50_000
const longestText = 100_000
/** Before a text, and before the length that is told once more behind it. */
const [textMark, looksMark] = [1, 12]
const slideBytes = 0x22
const entryBytes = 16

/**
 * The slides of PowerPoint 4 in order: a list of zones, which refer to each other by their places in it; nothing but its
 * own files describes the format. Titles are not told from other texts. Undefined when the slides cannot be found.
 */
export function readSlides4(view: DataView, decode: (bytes: Uint8Array) => string): PptSlide[] | undefined {
  const zones = readZones(view)
  // Zones of a hostile file may be read again and again.
  let left = view.byteLength * 4
  const textsAt = (page: number): SlideText[] => {
    const zone = zones[at(zones[page], 0)]
    left -= zone ? zone.end - zone.start : 0
    return zone && left > 0 ? readZone(view, zone, decode) : []
  }
  const at = (zone: Zone | undefined, offset: number): number =>
    zone && zone.start + offset + 4 <= zone.end ? view.getUint32(zone.start + offset, true) : -1
  const list = zones.find((zone) => {
    if (!countsEntries(view, zone)) return false
    left -= zone.end - zone.start
    return left > 0 && isSlideList(view, zones, zone)
  })
  if (!list) return undefined
  const slides: PptSlide[] = []
  for (let entry = list.start + entryBytes; entry < list.end; entry += entryBytes) {
    const slide = zones[view.getUint32(entry + 12, true)]
    // Pages of notes that nobody has written hold their number.
    const notes = textsAt(at(slide, 12)).filter(({ text }) => /\p{L}/u.test(text))
    slides.push({ texts: textsAt(at(slide, 8)), notes, comments: [], margins: [], hidden: false })
  }
  return slides
}

function readZones(view: DataView): readonly Zone[] {
  const zones: Zone[] = []
  const list = view.byteLength >= 12 ? view.getUint32(8, true) : view.byteLength
  for (let n = 0; n < maxZones && list + n * 8 + 8 <= view.byteLength; n++) {
    const size = view.getUint32(list + n * 8, true)
    const start = view.getUint32(list + n * 8 + 4, true)
    const end = start + (size & 0x7fffffff)
    if (size < 0x80000000 || end > view.byteLength) break
    zones.push({ start, end })
  }
  return zones
}

/** A list begins with how many entries it has. */
function countsEntries(view: DataView, { start, end }: Zone): boolean {
  const size = end - start
  return size >= entryBytes * 2 && view.getUint16(start, true) === size / entryBytes - 1
}

function isSlideList(view: DataView, zones: readonly Zone[], { start, end }: Zone): boolean {
  for (let entry = start + entryBytes; entry < end; entry += entryBytes) {
    const slide = zones[view.getUint32(entry + 12, true)]
    if (!slide || slide.end - slide.start !== slideBytes) return false
  }
  return true
}

function readZone(view: DataView, { start, end }: Zone, decode: (bytes: Uint8Array) => string): SlideText[] {
  const texts: SlideText[] = []
  for (let at = start; at + 6 <= end; at++) {
    const length = view.getUint16(at, true) === textMark ? view.getUint32(at + 2, true) : 0
    if (length === 0 || length > longestText) continue
    const behind = at + 6 + length + (length & 1)
    if (behind + 6 > view.byteLength) continue
    if (view.getUint16(behind, true) !== looksMark || view.getUint32(behind + 2, true) !== length) continue
    const text = decode(new Uint8Array(view.buffer, view.byteOffset + at + 6, length))
    if (text.trim() !== '') texts.push({ text, title: false, body: false })
    at = behind + 5
  }
  return texts
}
