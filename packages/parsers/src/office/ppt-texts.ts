import { artText } from './art.ts'
import { type PptNumbering, readNumberings } from './ppt-numbers.ts'
import { type PptRecord, records, pptType as type, wideText } from './ppt-stream.ts'
import { countLanguages, type PptStyles, readStyles } from './ppt-styles.ts'
import { cellRows, type PptCell, saysTable } from './ppt-tables.ts'

/** A text of a slide: one placeholder or shape. */
export interface SlideText {
  readonly text: string
  readonly title: boolean
  readonly body: boolean
  /** How its paragraphs and characters are set, in order. */
  readonly styles?: PptStyles
  /** Runs of characters name them by their places. */
  readonly numberings?: readonly (PptNumbering | undefined)[]
  /** Names of fonts, which runs of characters name by their places. */
  readonly fonts?: readonly string[]
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

/** Where texts are read from. */
export interface TextSource {
  readonly view: DataView
  /** Most levels of records within records. */
  readonly depth: number
  /** Targets by their numbers. */
  readonly links: ReadonlyMap<number, string>
  /** Hears how many characters are in each language (LCID). */
  readonly languages?: Map<number, number>
  /** Names of the document's fonts. */
  readonly fonts?: readonly string[]
  /** Kept in the document's list; shapes refer to them. */
  readonly outline?: readonly SlideText[]
  /** Of a master what all its slides show: neither what its placeholders hold nor descriptions of its pictures. */
  readonly isMaster?: boolean
  /** Width and height of a slide: what lies beside it on a master is not shown. */
  readonly area?: readonly [width: number, height: number] | undefined
}

const maxLinks = 200
const latin = new TextDecoder('latin1')

/** All texts inside, at any depth. */
export function readTexts(source: TextSource, start: number, end: number): SlideText[] {
  const { view, depth, links, outline = [], fonts = [], isMaster = false } = source
  const found: SlideText[] = []
  let url: string | undefined
  let kind = 4
  let last = ''
  const walk = (from: number, to: number, level: number): void => {
    for (const record of records(view, from, to)) visit(record, level)
  }
  const visit = (record: PptRecord, level: number): void => {
    if (record.type === type.group && isTable(view, record)) {
      const table = cellRows(readCells(source, record))
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
    } else if (record.type === type.shape) {
      if (level >= depth) return
      const parts = [...records(view, record.start, record.end)]
      if (isMaster && !isShownByMaster(source, parts)) return
      const first = found.length
      for (const part of parts) visit(part, level + 1)
      addNumberings(view, parts, found, first)
      const art = readArt(view, parts, !isMaster)
      if (art.trim() !== '' && art !== found.at(-1)?.text) found.push({ text: art, title: false, body: false })
    } else if (record.container) {
      if (level < depth) walk(record.start, record.end, level + 1)
    } else if (record.type === type.textHeader)
      kind = record.end - record.start >= 4 ? view.getUint32(record.start, true) : 4
    else if (record.type === type.chars || record.type === type.bytes) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + record.start, record.end - record.start)
      const text = record.type === type.chars ? wideText(view, record) : latin.decode(bytes)
      last = text
      // An asterisk alone is where the number of the slide or the date goes.
      if (text.trim() !== '' && text !== '*')
        found.push({ text, title: kind === 0 || kind === 6, body: kind === 1 || kind === 7 || kind === 8 })
    } else if (isMark(record.type) && record.end - record.start >= 4) {
      const marked = found.at(-1)
      const at = view.getUint32(record.start, true)
      if (marked && marked.text === last && last[at] === '*') {
        last = `${last.slice(0, at)} ${last.slice(at + 1)}`
        found[found.length - 1] = { ...marked, text: last }
      }
    } else if (record.type === type.styles) {
      const styled = found.at(-1)
      if (styled && styled.text === last && !styled.styles)
        found[found.length - 1] = {
          ...styled,
          styles: readStyles(view, record.start, record.end, last.length),
          fonts,
        }
    } else if (record.type === type.languages && source.languages && !isMaster)
      countLanguages(view, record.start, record.end, source.languages)
    else if (record.type === type.outlineRef && record.end - record.start >= 4) {
      const text = outline[view.getUint32(record.start, true)]
      if (text) found.push(text)
    }
  }
  walk(start, end, 0)
  return found
}

/** Where the number of the slide, a date or a footer goes: an asterisk stands there ([MS-PPT] 2.9.48). */
function isMark(kind: number): boolean {
  return kind === type.slideNumberMark || (kind >= type.dateMark && kind <= type.marginMark)
}

/** Not a placeholder, for which slides have something of their own, nor beside the slide. */
function isShownByMaster({ view, area }: TextSource, parts: readonly PptRecord[]): boolean {
  for (const part of parts) {
    if (part.type === type.clientData) {
      for (const inner of records(view, part.start, part.end)) if (inner.type === type.placeholder) return false
    } else if (part.type === type.anchor && part.end - part.start === 8 && area) {
      const at = (offset: number): number => view.getInt16(part.start + offset, true)
      if (at(0) >= area[1] || at(2) >= area[0] || at(4) <= 0 || at(6) <= 0) return false
    }
  }
  return true
}

/** To a shape's texts, from a place on, what later versions kept beside them. */
function addNumberings(view: DataView, parts: readonly PptRecord[], found: SlideText[], from: number): void {
  if (from === found.length) return
  for (const part of parts) {
    const numberings = part.type === type.clientData ? readNumberings(view, part) : []
    if (numberings.length > 0) for (let n = from; n < found.length; n++) found[n] = { ...found[n]!, numberings }
  }
}

/** WordArt, or what a picture is described as. */
function readArt(view: DataView, parts: readonly PptRecord[], pictures: boolean): string {
  for (const part of parts) {
    if (part.type !== type.properties && part.type !== type.moreProperties) continue
    const text = artText(view, part, { pictures })
    if (text !== '') return text
  }
  return ''
}

/** A table is a group whose first shape says so. */
function isTable(view: DataView, group: PptRecord): boolean {
  const first = records(view, group.start, group.end).next().value
  if (!first || first.type !== type.shape) return false
  for (const { type: kind, start, end, instance } of records(view, first.start, first.end))
    if (kind === type.moreProperties && saysTable(view, start, end, instance)) return true
  return false
}

function readCells(source: TextSource, group: PptRecord): PptCell[] {
  const { view, depth } = source
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
    const texts = readTexts({ ...source, depth: depth - 1 }, shape.start, shape.end)
    cells.push({
      text: texts.map(({ text }) => text.replaceAll('\r', '\n').trim()).join('\n'),
      left: view.getInt32(anchor, true),
      top: view.getInt32(anchor + 4, true),
    })
  }
  return cells
}

/** One entry for each text header, empty ones as well: shapes refer to them by number. */
export function orderedTexts(source: TextSource, start: number, end: number): SlideText[] {
  const { view } = source
  const texts: SlideText[] = []
  let from = -1
  const put = (to: number): void => {
    if (from < 0) return
    texts.push(readTexts(source, from, to)[0] ?? { text: '', title: false, body: false })
  }
  for (const record of records(view, start, end)) {
    if (record.type !== type.textHeader) continue
    put(record.start - 8)
    from = record.start - 8
  }
  put(end)
  return texts
}
