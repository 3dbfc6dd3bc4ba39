import { type PptRecord, records, pptType as type, wideText } from './ppt-stream.ts'
import { orderedTexts, readTexts, type SlideText, type TextSource } from './ppt-texts.ts'

export interface PptSlide {
  readonly texts: readonly SlideText[]
  readonly notes: readonly SlideText[]
  readonly comments: readonly PptComment[]
  /** Its footer, and what its master shows: mostly the same on all slides. */
  readonly margins: readonly SlideText[]
  /** Left out of the show. */
  readonly hidden: boolean
}

export interface PptComment {
  readonly author: string
  readonly text: string
}

/** Slides in the order of the document, whose languages (LCID) are counted by characters, by its persist directory ([MS-PPT] 2.1.2); undefined when that is damaged. */
export function findSlides(
  view: DataView,
  user: Uint8Array | undefined,
  depth: number,
  languages: Map<number, number>,
): PptSlide[] | undefined {
  const { offsets, document } = readPersist(view, user)
  const recordAt = (id: number): PptRecord | undefined => {
    const at = offsets.get(id)
    return at === undefined ? undefined : records(view, at, view.byteLength).next().value || undefined
  }
  const root = recordAt(document)
  if (!root) return undefined
  const source: TextSource = { view, depth, links: readLinks(view, root), fonts: readFonts(view, root), languages }
  const masters = readMasters(source, root, recordAt)
  const footer = readFooter(view, root)
  const notes = new Map<number, SlideText[]>()
  const slides: { readonly id: number; readonly persist: number; readonly outline: SlideText[] }[] = []
  for (const list of records(view, root.start, root.end)) {
    if (list.type !== type.listWithText || (list.instance !== 0 && list.instance !== 2)) continue
    let textFrom = -1
    for (const record of records(view, list.start, list.end)) {
      if (record.type !== type.persist) continue
      if (textFrom >= 0) slides.at(-1)?.outline.push(...orderedTexts(source, textFrom, record.start - 8))
      textFrom = -1
      const persist = view.getUint32(record.start, true)
      if (list.instance === 2) {
        const note = recordAt(persist)
        if (note?.type !== type.notes) continue
        const atom = records(view, note.start, note.end).next().value
        if (atom && atom.type === type.notesAtom)
          notes.set(view.getUint32(atom.start, true), readTexts(source, note.start, note.end))
      } else {
        slides.push({ id: view.getUint32(record.start + 12, true), persist, outline: [] })
        textFrom = record.end
      }
    }
    if (textFrom >= 0) slides.at(-1)?.outline.push(...orderedTexts(source, textFrom, list.end))
  }
  if (slides.length === 0) return undefined
  return slides.map(({ id, persist, outline }) => {
    const slide = recordAt(persist)
    const found = slide?.type === type.slide ? slide : undefined
    const texts = found ? readTexts({ ...source, outline }, found.start, found.end) : []
    const used = new Set(texts.map((text) => text.text))
    const left = outline.filter((text) => text.text.trim() !== '' && text.text !== '*' && !used.has(text.text))
    return {
      texts: [...left.filter((text) => text.title), ...texts, ...left.filter((text) => !text.title)],
      notes: notes.get(id) ?? [],
      comments: found ? readComments(view, found) : [],
      margins: found ? [...masters(found), ...(readFooter(view, found) ?? footer ?? [])] : [],
      hidden: found !== undefined && isHidden(view, found),
    }
  })
}

const maxMasters = 200

/** What the masters of a slide show on it: the one for titles may show what the main one does. */
function readMasters(
  source: TextSource,
  root: PptRecord,
  recordAt: (id: number) => PptRecord | undefined,
): (slide: PptRecord) => readonly SlideText[] {
  const { view } = source
  const places = new Map<number, number>()
  let area: TextSource['area']
  for (const list of records(view, root.start, root.end)) {
    if (list.type === type.documentAtom && list.end - list.start >= 8)
      area = [view.getInt32(list.start, true), view.getInt32(list.start + 4, true)]
    if (list.type !== type.listWithText || list.instance !== 1) continue
    for (const { type: kind, start, end } of records(view, list.start, list.end))
      if (kind === type.persist && end - start >= 16 && places.size < maxMasters)
        places.set(view.getUint32(start + 12, true), view.getUint32(start, true))
  }
  const shown = new Map<number, readonly SlideText[]>()
  const of = (slide: PptRecord): readonly SlideText[] => {
    const atom = records(view, slide.start, slide.end).next().value
    if (!atom || atom.type !== type.slideAtom || atom.end - atom.start < 22) return []
    const id = view.getUint32(atom.start + 12, true)
    if ((view.getUint16(atom.start + 20, true) & 1) === 0) return []
    const known = shown.get(id)
    if (known) return known
    // Against masters that lead to each other.
    shown.set(id, [])
    const place = places.get(id)
    const master = place === undefined ? undefined : recordAt(place)
    if (!master || (master.type !== type.mainMaster && master.type !== type.slide)) return []
    const texts = readTexts({ ...source, isMaster: true, area }, master.start, master.end)
    const all = master.type === type.slide ? [...of(master), ...texts] : texts
    shown.set(id, all)
    return all
  }
  return of
}

/** The footer that a slide, or the document for all slides, asks for ([MS-PPT] 2.4.15.1); undefined where it says nothing. */
function readFooter(view: DataView, owner: PptRecord): readonly SlideText[] | undefined {
  for (const margins of records(view, owner.start, owner.end)) {
    if (margins.type !== type.margins || (margins.instance !== 3 && margins.instance !== 0)) continue
    let isShown = false
    let text = ''
    for (const part of records(view, margins.start, margins.end)) {
      if (part.type === type.marginsAtom && part.end - part.start >= 4)
        isShown = (view.getUint16(part.start + 2, true) & 0x20) !== 0
      else if (part.type === type.cString && part.instance === 2) text = wideText(view, part)
    }
    return isShown && text.trim() !== '' ? [{ text, title: false, body: false }] : []
  }
  return undefined
}

/** By the third of the flags of its SlideShowSlideInfoAtom ([MS-PPT] 2.6.6). */
function isHidden(view: DataView, slide: PptRecord): boolean {
  for (const { type: kind, start, end } of records(view, slide.start, slide.end))
    if (kind === type.showInfo && end - start >= 12) return (view.getUint16(start + 10, true) & 4) !== 0
  return false
}

/** Names of fonts by their places ([MS-PPT] 2.9.9). */
function readFonts(view: DataView, root: PptRecord): readonly string[] {
  const fonts: string[] = []
  for (const environment of records(view, root.start, root.end))
    for (const list of environment.type === type.environment ? records(view, environment.start, environment.end) : [])
      for (const font of list.type === type.fonts ? records(view, list.start, list.end) : [])
        if (font.type === type.font)
          fonts[font.instance] = wideText(view, { ...font, end: Math.min(font.end, font.start + 64) }).split(
            '\0',
            1,
          )[0]!
  return fonts
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
          const url = wideText(view, part)
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
            return found ? wideText(view, found) : ''
          }
          comments.push({ author: part(0).trim(), text: part(1).trim() })
        }
  return comments
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
