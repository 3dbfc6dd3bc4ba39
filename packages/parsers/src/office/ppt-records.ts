import { type PptParagraphRun, readParagraphRuns } from './ppt-styles.ts'

/** A text of a slide: one placeholder or shape. */
export interface SlideText {
  readonly text: string
  readonly title: boolean
  readonly body: boolean
  /** How its paragraphs are set, in order. */
  readonly runs?: readonly PptParagraphRun[]
}

export interface PptSlide {
  readonly texts: readonly SlideText[]
  readonly notes: readonly SlideText[]
}

interface PptRecord {
  readonly type: number
  readonly instance: number
  readonly container: boolean
  readonly start: number
  readonly end: number
}

const type = {
  slide: 0x03ee,
  slideAtom: 0x03ef,
  notes: 0x03f0,
  notesAtom: 0x03f1,
  persist: 0x03f3,
  textHeader: 0x0f9f,
  chars: 0x0fa0,
  bytes: 0x0fa8,
  styles: 0x0fa1,
  outlineRef: 0x0f9e,
  listWithText: 0x0ff0,
  userEdit: 0x0ff5,
  persistDirectory: 0x1772,
  cString: 0x0fba,
}

/** The records between two offsets, one level; stops where a length leads outside. */
function* records(view: DataView, start: number, end: number): Generator<PptRecord> {
  for (let at = start; at + 8 <= end; ) {
    const head = view.getUint16(at, true)
    const length = view.getUint32(at + 4, true)
    const last = at + 8 + length
    if (last > end) return
    yield {
      type: view.getUint16(at + 2, true),
      instance: head >> 4,
      container: (head & 15) === 15,
      start: at + 8,
      end: last,
    }
    at = last
  }
}

const utf16 = new TextDecoder('utf-16le')
const latin = new TextDecoder('latin1')

/** All texts inside, at any depth; `outline` are those kept in the document's list, which shapes refer to. */
export function readTexts(
  view: DataView,
  start: number,
  end: number,
  depth: number,
  outline: readonly SlideText[] = [],
): SlideText[] {
  const found: SlideText[] = []
  let kind = 4
  let last = ''
  const walk = (from: number, to: number, level: number): void => {
    for (const record of records(view, from, to)) {
      if (record.container) {
        if (level < depth) walk(record.start, record.end, level + 1)
      } else if (record.type === type.textHeader)
        kind = record.end - record.start >= 4 ? view.getUint32(record.start, true) : 4
      else if (record.type === type.chars || record.type === type.bytes) {
        const bytes = new Uint8Array(view.buffer, view.byteOffset + record.start, record.end - record.start)
        const text = record.type === type.chars ? utf16.decode(bytes) : latin.decode(bytes)
        last = text
        // An asterisk alone is where the number of the slide or the date goes.
        if (text.trim() !== '' && text !== '*')
          found.push({ text, title: kind === 0 || kind === 6, body: kind === 1 || kind === 7 || kind === 8 })
      } else if (record.type === type.styles) {
        const styled = found.at(-1)
        if (styled && styled.text === last && !styled.runs)
          found[found.length - 1] = {
            ...styled,
            runs: readParagraphRuns(view, record.start, record.end, last.length),
          }
      } else if (record.type === type.outlineRef && record.end - record.start >= 4) {
        const text = outline[view.getUint32(record.start, true)]
        if (text) found.push(text)
      }
    }
  }
  walk(start, end, 0)
  return found
}

/** Slides in the order of the document, by its persist directory ([MS-PPT] 2.1.2); undefined when that is damaged. */
export function findSlides(view: DataView, user: Uint8Array | undefined, depth: number): PptSlide[] | undefined {
  const { offsets, document } = readPersist(view, user)
  const recordAt = (id: number): PptRecord | undefined => {
    const at = offsets.get(id)
    return at === undefined ? undefined : records(view, at, view.byteLength).next().value || undefined
  }
  const root = recordAt(document)
  if (!root) return undefined
  const notes = new Map<number, SlideText[]>()
  const slides: { readonly id: number; readonly persist: number; readonly outline: SlideText[] }[] = []
  for (const list of records(view, root.start, root.end)) {
    if (list.type !== type.listWithText || (list.instance !== 0 && list.instance !== 2)) continue
    let textFrom = -1
    for (const record of records(view, list.start, list.end)) {
      if (record.type !== type.persist) continue
      if (textFrom >= 0) slides.at(-1)?.outline.push(...orderedTexts(view, textFrom, record.start - 8, depth))
      textFrom = -1
      const persist = view.getUint32(record.start, true)
      if (list.instance === 2) {
        const note = recordAt(persist)
        if (note?.type !== type.notes) continue
        const atom = records(view, note.start, note.end).next().value
        if (atom && atom.type === type.notesAtom)
          notes.set(view.getUint32(atom.start, true), readTexts(view, note.start, note.end, depth))
      } else {
        slides.push({ id: view.getUint32(record.start + 12, true), persist, outline: [] })
        textFrom = record.end
      }
    }
    if (textFrom >= 0) slides.at(-1)?.outline.push(...orderedTexts(view, textFrom, list.end, depth))
  }
  if (slides.length === 0) return undefined
  return slides.map(({ id, persist, outline }) => {
    const slide = recordAt(persist)
    const texts = slide?.type === type.slide ? readTexts(view, slide.start, slide.end, depth, outline) : []
    const used = new Set(texts.map((text) => text.text))
    const left = outline.filter((text) => text.text.trim() !== '' && text.text !== '*' && !used.has(text.text))
    return {
      texts: [...left.filter((text) => text.title), ...texts, ...left.filter((text) => !text.title)],
      notes: notes.get(id) ?? [],
    }
  })
}

/** One entry for each text header, empty ones as well: shapes refer to them by number. */
function orderedTexts(view: DataView, start: number, end: number, depth: number): SlideText[] {
  const texts: SlideText[] = []
  let from = -1
  const put = (to: number): void => {
    if (from < 0) return
    texts.push(readTexts(view, from, to, depth)[0] ?? { text: '', title: false, body: false })
  }
  for (const record of records(view, start, end)) {
    if (record.type !== type.textHeader) continue
    put(record.start - 8)
    from = record.start - 8
  }
  put(end)
  return texts
}

/** Where each object lies after the last save; newer edits win over those they follow. */
function readPersist(
  view: DataView,
  user: Uint8Array | undefined,
): { readonly offsets: ReadonlyMap<number, number>; readonly document: number } {
  const offsets = new Map<number, number>()
  let document = -1
  let edit = user && user.length >= 20 ? new DataView(user.buffer, user.byteOffset).getUint32(16, true) : 0
  for (let steps = 0; edit > 0 && edit + 36 <= view.byteLength && steps < 1000; steps++) {
    if (view.getUint16(edit + 2, true) !== type.userEdit) break
    if (document < 0) document = view.getUint32(edit + 24, true)
    const directory = records(view, view.getUint32(edit + 20, true), view.byteLength).next().value
    if (directory && directory.type === type.persistDirectory) readDirectory(view, directory, offsets)
    edit = view.getUint32(edit + 16, true)
  }
  return { offsets, document }
}

function readDirectory(view: DataView, { start, end }: PptRecord, offsets: Map<number, number>): void {
  for (let at = start; at + 4 <= end; ) {
    const head = view.getUint32(at, true)
    at += 4
    const first = head & 0xfffff
    for (let n = 0; n < head >>> 20 && at + 4 <= end; n++, at += 4) {
      if (!offsets.has(first + n)) offsets.set(first + n, view.getUint32(at, true))
    }
  }
}
