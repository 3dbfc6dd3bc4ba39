import { cellName } from './cell-name.ts'
import { decodePage } from './ole-properties.ts'
import { commentLine } from './sheet-comments.ts'
import type { XlsRecords } from './xls-records.ts'

const noteObject = 0x19
/** A comment of Excel 5 that goes on from the record before. */
const goesOn = 0xffff

interface Note {
  readonly place: string
  readonly author: string
  /** Names the shape that holds the text; undefined in Excel 5, where the text is the note's own. */
  readonly shape: number | undefined
  text: string
}

/** Comments of one sheet: the text of each is in a shape (OBJ, TXO), its place and author in a NOTE ([MS-XLS] 2.4.179). */
export class XlsNotes {
  readonly #max: number
  readonly #texts = new Map<number, string>()
  readonly #notes: Note[] = []
  #kind = 0
  #shape = 0

  constructor(max: number) {
    this.#max = max
  }

  /** An OBJ record begins with the shape's kind and number ([MS-XLS] 2.5.143). */
  object(records: XlsRecords): void {
    this.#kind = records.word(4)
    this.#shape = records.word(6)
  }

  /** The text of the shape; false where it is none of a comment. */
  text(text: string): boolean {
    if (this.#kind !== noteObject) return false
    if (this.#texts.size < this.#max) this.#texts.set(this.#shape, text)
    return true
  }

  note(records: XlsRecords, codePage: number | undefined): void {
    if (records.size < 6 || this.#notes.length >= this.#max) return
    if (codePage === undefined) {
      const author = records.size > 11 ? records.continued(8).string() : ''
      const place = cellName(records.word(0), records.word(2))
      this.#notes.push({ place, author: author.trim(), shape: records.word(6), text: '' })
      return
    }
    const text = decodePage(records.data(6), codePage)
    const before = this.#notes.at(-1)
    if (records.word(0) === goesOn && before) before.text += text
    else this.#notes.push({ place: cellName(records.word(0), records.word(2)), author: '', shape: undefined, text })
  }

  /** One line each. A text that no note names is shown without a place. */
  lines(): string[] {
    const lines: string[] = []
    const add = (place: string, author: string, text: string): void => {
      const line = commentLine(place, author, text)
      if (line !== '') lines.push(line)
    }
    for (const { place, author, shape, text } of this.#notes) {
      const shown = shape === undefined ? text : (this.#texts.get(shape) ?? '')
      if (shape !== undefined) this.#texts.delete(shape)
      add(place, author, shown)
    }
    for (const text of this.#texts.values()) add('', '', text)
    return lines
  }
}
