import { type PptParagraphRun, readParagraphRuns } from './ppt-styles.ts'
import { cellRows, type PptCell, saysTable } from './ppt-tables.ts'

/** A text of a slide: one placeholder or shape. */
export interface SlideText {
  readonly text: string
  readonly title: boolean
  readonly body: boolean
  /** How its paragraphs are set, in order. */
  readonly runs?: readonly PptParagraphRun[]
  /** Where parts of it lead. */
  readonly links?: readonly PptLink[]
  /** Instead of a text. */
  readonly table?: readonly (readonly string[])[]
}

export interface PptLink {
  readonly start: number
  readonly end: number
  readonly url: string
}

export interface PptSlide {
  readonly texts: readonly SlideText[]
  readonly notes: readonly SlideText[]
  readonly comments: readonly PptComment[]
  /** Left out of the show. */
  readonly hidden: boolean
}

export interface PptComment {
  readonly author: string
  readonly text: string
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
  showInfo: 0x03f9,
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
  objects: 0x0409,
  link: 0x0fd7,
  linkAtom: 0x0fd3,
  action: 0x0ff2,
  actionRange: 0x0fdf,
  group: 0xf003,
  shape: 0xf004,
  textBox: 0xf00d,
  childAnchor: 0xf00f,
  moreProperties: 0xf122,
  programTags: 0x1388,
  programTag: 0x138a,
  programData: 0x138b,
  comment: 0x2ee0,
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

const maxLinks = 200
const utf16 = new TextDecoder('utf-16le')
const latin = new TextDecoder('latin1')

/** All texts inside, at any depth; `outline` are those kept in the document's list, which shapes refer to. */
export function readTexts(
  view: DataView,
  start: number,
  end: number,
  depth: number,
  outline: readonly SlideText[] = [],
  links: ReadonlyMap<number, string> = new Map(),
): SlideText[] {
  const found: SlideText[] = []
  let url: string | undefined
  let kind = 4
  let last = ''
  const walk = (from: number, to: number, level: number): void => {
    for (const record of records(view, from, to)) {
      if (record.type === type.group && isTable(view, record)) {
        const table = cellRows(readCells(view, record, depth, outline, links))
        if (table.length > 0) found.push({ text: '', title: false, body: false, table })
      } else if (record.type === type.action) {
        const action = records(view, record.start, record.end).next().value
        url = action && action.end - action.start >= 8 ? links.get(view.getUint32(action.start + 4, true)) : undefined
      } else if (record.type === type.actionRange) {
        const linked = found.at(-1)
        if (linked?.text === last && url !== undefined && record.end - record.start >= 8) {
          const link = { start: view.getUint32(record.start, true), end: view.getUint32(record.start + 4, true), url }
          found[found.length - 1] = { ...linked, links: [...(linked.links ?? []).slice(-maxLinks), link] }
        }
        url = undefined
      } else if (record.container) {
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

/** A table is a group whose first shape says so. */
function isTable(view: DataView, group: PptRecord): boolean {
  const first = records(view, group.start, group.end).next().value
  if (!first || first.type !== type.shape) return false
  for (const { type: kind, start, end, instance } of records(view, first.start, first.end))
    if (kind === type.moreProperties && saysTable(view, start, end, instance)) return true
  return false
}

function readCells(
  view: DataView,
  group: PptRecord,
  depth: number,
  outline: readonly SlideText[],
  links: ReadonlyMap<number, string>,
): PptCell[] {
  const cells: PptCell[] = []
  for (const shape of records(view, group.start, group.end)) {
    let anchor = -1
    let hasText = false
    for (const part of records(view, shape.start, shape.end)) {
      if (part.type === type.childAnchor && part.end - part.start >= 16) anchor = part.start
      else if (part.type === type.textBox) hasText = true
    }
    // The lines between cells are shapes as well.
    if (anchor < 0 || !hasText) continue
    const texts = readTexts(view, shape.start, shape.end, depth - 1, outline, links)
    cells.push({
      text: texts.map(({ text }) => text.replaceAll('\r', '\n').trim()).join('\n'),
      left: view.getInt32(anchor, true),
      top: view.getInt32(anchor + 4, true),
    })
  }
  return cells
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
  const links = readLinks(view, root)
  const notes = new Map<number, SlideText[]>()
  const slides: { readonly id: number; readonly persist: number; readonly outline: SlideText[] }[] = []
  for (const list of records(view, root.start, root.end)) {
    if (list.type !== type.listWithText || (list.instance !== 0 && list.instance !== 2)) continue
    let textFrom = -1
    for (const record of records(view, list.start, list.end)) {
      if (record.type !== type.persist) continue
      if (textFrom >= 0) slides.at(-1)?.outline.push(...orderedTexts(view, textFrom, record.start - 8, depth, links))
      textFrom = -1
      const persist = view.getUint32(record.start, true)
      if (list.instance === 2) {
        const note = recordAt(persist)
        if (note?.type !== type.notes) continue
        const atom = records(view, note.start, note.end).next().value
        if (atom && atom.type === type.notesAtom)
          notes.set(view.getUint32(atom.start, true), readTexts(view, note.start, note.end, depth, [], links))
      } else {
        slides.push({ id: view.getUint32(record.start + 12, true), persist, outline: [] })
        textFrom = record.end
      }
    }
    if (textFrom >= 0) slides.at(-1)?.outline.push(...orderedTexts(view, textFrom, list.end, depth, links))
  }
  if (slides.length === 0) return undefined
  return slides.map(({ id, persist, outline }) => {
    const slide = recordAt(persist)
    const texts = slide?.type === type.slide ? readTexts(view, slide.start, slide.end, depth, outline, links) : []
    const used = new Set(texts.map((text) => text.text))
    const left = outline.filter((text) => text.text.trim() !== '' && text.text !== '*' && !used.has(text.text))
    return {
      texts: [...left.filter((text) => text.title), ...texts, ...left.filter((text) => !text.title)],
      notes: notes.get(id) ?? [],
      comments: slide?.type === type.slide ? readComments(view, slide) : [],
      hidden: slide?.type === type.slide && isHidden(view, slide),
    }
  })
}

/** By the third of the flags of its SlideShowSlideInfoAtom ([MS-PPT] 2.6.6). */
function isHidden(view: DataView, slide: PptRecord): boolean {
  for (const { type: kind, start, end } of records(view, slide.start, slide.end))
    if (kind === type.showInfo && end - start >= 12) return (view.getUint16(start + 10, true) & 4) !== 0
  return false
}

/** Targets by their numbers; those within the presentation have none ([MS-PPT] 2.10.16). */
function readLinks(view: DataView, root: PptRecord): ReadonlyMap<number, string> {
  const links = new Map<number, string>()
  for (const list of records(view, root.start, root.end)) {
    if (list.type !== type.objects) continue
    for (const link of records(view, list.start, list.end)) {
      if (link.type !== type.link) continue
      let id = -1
      for (const part of records(view, link.start, link.end)) {
        if (part.type === type.linkAtom && part.end - part.start >= 4) id = view.getUint32(part.start, true)
        else if (part.type === type.cString && part.instance === 1) {
          const url = utf16.decode(new Uint8Array(view.buffer, view.byteOffset + part.start, part.end - part.start))
          if (/^[a-z][a-z0-9+.-]+:/i.test(url)) links.set(id, url)
        }
      }
    }
  }
  return links
}

/** Those of a slide, which stand among what later versions of the program added ([MS-PPT] 2.5.26). */
function readComments(view: DataView, slide: PptRecord): PptComment[] {
  const comments: PptComment[] = []
  const inside = (outer: PptRecord, wanted: number): PptRecord[] =>
    [...records(view, outer.start, outer.end)].filter((record) => record.type === wanted)
  for (const tags of inside(slide, type.programTags))
    for (const tag of inside(tags, type.programTag))
      for (const data of inside(tag, type.programData))
        for (const comment of inside(data, type.comment)) {
          const said = inside(comment, type.cString)
          const part = (instance: number): string => {
            const found = said.find((record) => record.instance === instance)
            return found
              ? utf16.decode(new Uint8Array(view.buffer, view.byteOffset + found.start, found.end - found.start))
              : ''
          }
          comments.push({ author: part(0).trim(), text: part(1).trim() })
        }
  return comments
}

/** One entry for each text header, empty ones as well: shapes refer to them by number. */
function orderedTexts(
  view: DataView,
  start: number,
  end: number,
  depth: number,
  links: ReadonlyMap<number, string>,
): SlideText[] {
  const texts: SlideText[] = []
  let from = -1
  const put = (to: number): void => {
    if (from < 0) return
    texts.push(readTexts(view, from, to, depth, [], links)[0] ?? { text: '', title: false, body: false })
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
