import type { PptSlide } from './ppt-records.ts'
import type { SlideText } from './ppt-texts.ts'

interface OldRecord {
  readonly type: number
  readonly instance: number
  readonly container: boolean
  readonly start: number
  readonly end: number
}

const type = {
  root: 3,
  document: 0x03e8,
  list: 0x07d0,
  slide: 0x03ee,
  notes: 0x03f0,
  textKind: 0x0fa3,
  text: 0x07ee,
}
const slideList = 10
/** Of a record that holds characters; runs of properties have the same type. */
const characters = 53
const headBytes = 16

/** Whether the stream is as PowerPoint 95 wrote it: every record begins with its type, in four bytes. */
export function isPowerPoint95(view: DataView): boolean {
  return view.byteLength > headBytes && view.getUint32(0, true) === type.root && view.getUint16(4, true) === 0xffff
}

/** The slides of PowerPoint 95 in order, each of which holds its notes; nothing but its own files describes the format. */
export function readSlides95(view: DataView, decode: (bytes: Uint8Array) => string, depth: number): PptSlide[] {
  const slides: PptSlide[] = []
  for (const root of records(view, 0, view.byteLength))
    for (const document of root.type === type.root ? records(view, root.start, root.end) : [])
      for (const list of document.type === type.document ? records(view, document.start, document.end) : [])
        for (const slide of list.type === type.list && list.instance === slideList
          ? records(view, list.start, list.end)
          : [])
          if (slide.type === type.slide) slides.push(readSlide(view, slide, decode, depth))
  return slides
}

function readSlide(view: DataView, slide: OldRecord, decode: (bytes: Uint8Array) => string, depth: number): PptSlide {
  const [texts, notes]: [SlideText[], SlideText[]] = [[], []]
  let kind = 4
  const walk = (from: number, to: number, into: SlideText[], level: number): void => {
    for (const record of records(view, from, to)) {
      if (record.container) {
        if (level < depth) walk(record.start, record.end, record.type === type.notes ? notes : into, level + 1)
      } else if (record.type === type.textKind && record.end - record.start >= 4)
        kind = view.getUint32(record.start, true)
      else if (record.type === type.text && record.instance === characters) {
        const text = decode(new Uint8Array(view.buffer, view.byteOffset + record.start, record.end - record.start))
        // An asterisk alone is where the number of the slide or the date goes.
        if (text.trim() !== '' && text !== '*')
          into.push({ text, title: kind === 0 || kind === 6, body: kind === 1 || kind === 7 || kind === 8 })
      }
    }
  }
  walk(slide.start, slide.end, texts, 0)
  return { texts, notes, comments: [], margins: [], hidden: false }
}

/** The records between two offsets, one level; stops where a length leads outside. */
function* records(view: DataView, start: number, end: number): Generator<OldRecord> {
  for (let at = start; at + headBytes <= end; ) {
    const last = at + headBytes + view.getUint32(at + 8, true)
    if (last > end) return
    yield {
      type: view.getUint32(at, true),
      instance: view.getUint32(at + 12, true),
      container: view.getUint16(at + 4, true) === 0xffff,
      start: at + headBytes,
      end: last,
    }
    at = last
  }
}
