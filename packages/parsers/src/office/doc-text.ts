import type { BlockWriter } from './blocks.ts'
import { DocFields } from './doc-fields.ts'
import type { DocFonts } from './doc-fonts.ts'
import type { DocPiece } from './doc-pieces.ts'
import type { DocRuns } from './doc-runs.ts'
import {
  type DocCharacters,
  type DocParagraph,
  newCharacters,
  newParagraph,
  readCharacters,
  readParagraph,
} from './doc-sprms.ts'
import type { DocStyle, DocStyles } from './doc-styles.ts'
import { DocTables } from './doc-tables.ts'
import { bold, Inline, italic } from './inline.ts'
import { markdownMarker } from './numbers.ts'

export interface DocText {
  readonly pieces: readonly DocPiece[]
  readonly styles: DocStyles
  readonly paragraphs: DocRuns<DocParagraph>
  readonly characters: DocRuns<DocCharacters>
  /** The label of a paragraph that is part of a list; counts it. */
  label(paragraph: DocParagraph, style: DocStyle | undefined): string | undefined
  readonly fonts: DocFonts
  /** Word 6 and 95: text is still bytes as latin-1. */
  readonly old: boolean
}

/** What stands at single characters of the main text. */
export interface DocMarks {
  /** The mark of the note that belongs to a character. */
  note(position: number): string
  /** Writes what is in the text box that is anchored at a character. */
  box(position: number, out: BlockWriter): void
  /** What a picture, or the data of a form's field, has to say at a place of the Data stream. */
  picture(place: number, isData: boolean): string
  /** The text of an embedded object, which is told by its number: of an equation. */
  object(id: number): string
  /** A paragraph in the style Title. */
  title(text: string): void
}

/** Characters before it end a paragraph, a cell or a page, open and close fields, or stand for objects. */
const firstPlain = 0x20
const plain = newCharacters()
const bare = newParagraph(0)

/** Writes the characters from `from` to `to` as blocks. */
export function writeDocText(out: BlockWriter, doc: DocText, from: number, to: number, marks?: DocMarks): void {
  let inline = new Inline()
  let base: DocStyle | undefined
  let begun = false
  let deleted = false
  let run = -2
  let runEnd = -1
  let now = plain
  let look = 0
  let unseen = false
  const fields = new DocFields()
  const tables = new DocTables(out, doc.paragraphs)
  const boxes: number[] = []

  /** Takes over the properties of the characters at an offset. */
  const enter = (piece: DocPiece, offset: number): void => {
    if (!begun) {
      begun = true
      base = doc.styles(paragraphAt(doc, piece, offset).style)
      run = -2
    }
    const next = doc.characters.find(offset)
    if (next === run) return
    run = next
    runEnd = doc.characters.end(next)
    now = charactersAt(doc, piece, next)
    const style = now.style === undefined ? undefined : doc.styles(now.style)
    const own = (base?.look ?? 0) | (style?.look ?? 0)
    look = toggled(now.bold, own & bold, bold) | toggled(now.italic, own & italic, italic)
    unseen = now.deleted || toggled(now.hidden, base?.hidden || style?.hidden ? 1 : 0, 1) !== 0
  }
  const addText = (piece: DocPiece, text: string): void => {
    if (doc.old) add(doc.fonts.decode(piece.width === 1 ? text : unpacked(text), now.font ?? base?.font))
    else add(piece.symbols ? doc.fonts.show(text, now.font ?? base?.font) : text)
  }
  const add = (text: string): void => {
    if (fields.instruct(text)) return
    if (now.deleted) deleted = true
    if (unseen) return
    inline.url = fields.url
    inline.add(text, look)
  }
  const endParagraph = (paragraph: DocParagraph, mark: number, offset: number): void => {
    const done = inline
    const wasDeleted = deleted
    inline = new Inline()
    begun = false
    deleted = false
    if (!tables.enter(paragraph, mark, doc.paragraphs.find(offset))) return
    const style = doc.styles(paragraph.style)
    const text = done.toString()
    const isBlank = text.trim() === ''
    // What was deleted is not counted; what is only empty is.
    const label = isBlank && wasDeleted ? undefined : doc.label(paragraph, style)
    const heading = paragraph.outline ?? style?.heading
    if (isBlank) {
      // Nothing to write.
    } else if (heading !== undefined && text.length < 1000) {
      const title = done.plain().trim()
      if (style?.title) marks?.title(title)
      out.heading(heading, label === undefined || label === '-' ? title : `${label} ${title}`)
    } else if (label !== undefined) {
      const { marker, prefix } = markdownMarker(label)
      out.item(paragraph.level ?? style?.level ?? 0, marker, prefix + text.trim())
    } else out.text(text)
    for (const position of boxes) marks?.box(position, out)
    boxes.length = 0
    tables.leave(paragraph, mark)
  }

  for (let n = firstPiece(doc.pieces, from); n < doc.pieces.length; n++) {
    const piece = doc.pieces[n]!
    if (piece.start >= to) break
    const { text, width, start } = piece
    const last = Math.min(text.length, to - start)
    run = -2
    let at = Math.max(0, from - start)
    while (at < last) {
      let end = at
      while (end < last && text.charCodeAt(end) >= firstPlain) end++
      while (at < end) {
        const offset = piece.offset + at * width
        enter(piece, offset)
        // Properties change only where a run begins.
        const stop = run < 0 && runEnd <= offset ? end : Math.max(at + 1, at + Math.ceil((runEnd - offset) / width))
        const until = Math.min(end, stop)
        if (now.symbol === undefined) addText(piece, text.slice(at, until))
        else add(doc.fonts.symbol(now.symbol.font, now.symbol.code).repeat(until - at))
        at = until
      }
      if (end === last) break
      control(piece, text.charCodeAt(end), end)
      at = end + 1
    }
  }
  if (inline.plain() !== '') endParagraph(bare, 13, 0)
  tables.close()

  function control(piece: DocPiece, code: number, at: number): void {
    const offset = piece.offset + at * piece.width
    let shown = ''
    switch (code) {
      case 12:
        // A page ends inside a paragraph; a section with one.
        if (doc.paragraphs.end(doc.paragraphs.find(offset)) > offset + piece.width) break
        endParagraph(paragraphAt(doc, piece, offset), code, offset)
        return
      case 13:
      case 7:
        endParagraph(paragraphAt(doc, piece, offset), code, offset)
        return
      case 19:
        fields.begin()
        return
      case 20:
        fields.separate()
        enter(piece, offset)
        if (now.isObject && now.picture !== undefined && marks) fields.show(marks.object(now.picture))
        return
      case 21:
        shown = fields.end()
        if (shown !== '') {
          enter(piece, offset)
          add(shown)
        }
        return
      case 8:
        if (marks) boxes.push(piece.start + at)
        return
    }
    enter(piece, offset)
    if (now.symbol !== undefined) add(doc.fonts.symbol(now.symbol.font, now.symbol.code))
    else if (code === 9) add('\t')
    else if (code === 11 || code === 12) add('\n')
    else if (code === 30) add('-')
    else if (code === 1 && now.picture !== undefined && !now.isObject && marks) {
      shown = marks.picture(now.picture, now.isData)
      if (now.isData) fields.show(shown)
      else add(shown)
    } else if (code === 2 && marks) add(marks.note(piece.start + at))
  }
}

/** Two bytes that were put together as one character, without the control codes that fill them up. */
function unpacked(text: string): string {
  return text.replace(/[^\u0000-\u00ff]/g, (char) => {
    const code = char.charCodeAt(0)
    return String.fromCharCode(...[code & 0xff, code >> 8].filter((byte) => byte >= firstPlain))
  })
}

/** The first that ends after a position. */
function firstPiece(pieces: readonly DocPiece[], position: number): number {
  let low = 0
  let high = pieces.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (pieces[middle]!.end <= position) low = middle + 1
    else high = middle
  }
  return low
}

function toggled(value: number, ofStyle: number, bit: number): number {
  if (value < 2) return value === 1 ? bit : 0
  return value === 129 ? (ofStyle === 0 ? bit : 0) : ofStyle
}

function paragraphAt(doc: DocText, { changes }: DocPiece, offset: number): DocParagraph {
  const found = doc.paragraphs.value(doc.paragraphs.find(offset)) ?? bare
  if (!changes) return found
  const changed = { ...found }
  readParagraph(changes.view, 0, changes.view.byteLength, changes.old, changed)
  return changed
}

function charactersAt(doc: DocText, { changes }: DocPiece, run: number): DocCharacters {
  const found = doc.characters.value(run) ?? plain
  if (!changes) return found
  const changed = { ...found }
  readCharacters(changes.view, 0, changes.view.byteLength, changes.old, changed)
  return changed
}
