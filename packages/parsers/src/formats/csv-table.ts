import { isAscii } from 'node:buffer'
import { FormatError } from '../format.ts'
import { countCells, opensBehindSpaces } from './csv-rows.ts'

const [lineFeed, carriageReturn, space, quote, bar] = [10, 13, 32, 34, 124] as const

/** A Markdown table; `columns` are those of its first row. */
export interface Table {
  readonly markdown: string
  readonly rows: number
  readonly columns: number
}

/**
 * Separated values (RFC 4180) in UTF-8 as a Markdown table, byte by byte in one pass. A quote only counts where a cell
 * begins, perhaps behind spaces, and one never closed takes the rest; what stands behind a closing one is kept. A lone carriage return ends a
 * row as well. Rows without any text are left out. `delimiter` is ASCII. Throws FormatError `output_too_large`.
 */
export function writeTable(bytes: Uint8Array, delimiter: number, maxChars: number): Table {
  return new TableWriter(bytes, delimiter, maxChars).table()
}

/** Bytes that one may become, with those around a row. */
const growth = 4
const pageBytes = 256 * 1024
/** One for all tables of this thread, emptied into text when it is full; a constant is what the compiler knows best. */
const page = new DataView(new ArrayBuffer(pageBytes + 64))
const pageAsBuffer = Buffer.from(page.buffer)
const rowOpening = 0x20_7c
const rowEnding = 0x0a_7c_20

class TableWriter {
  readonly #bytes: Uint8Array
  readonly #delimiter: number
  readonly #maxChars: number
  readonly #isAscii: boolean
  readonly #inCell: Int32Array
  readonly #texts: string[] = []
  #chars = 0
  #rows = 0
  #columns = 0
  #at = 0
  /** What lies before this fits on the page even if all of it grows. */
  #stop = 0
  #length = 0
  /** Where the row under way begins on the page; below 0 when its beginning is on an earlier one. */
  #start = 0
  /** Where its text begins in the bytes, moved on by each byte that stands for none. */
  #first = 0

  constructor(bytes: Uint8Array, delimiter: number, maxChars: number) {
    this.#bytes = bytes
    this.#delimiter = delimiter
    this.#maxChars = maxChars
    this.#isAscii = isAscii(bytes)
    this.#inCell = codesFor(delimiter)
  }

  table(): Table {
    this.#openRow()
    while (this.#at < this.#bytes.length) {
      this.#copyRows()
      if (this.#at >= this.#stop) this.#turn()
      else this.#lookCloser()
    }
    this.#endRow()
    this.#keepPage()
    return { markdown: this.#texts.join(''), rows: this.#rows, columns: this.#columns }
  }

  /** Nearly all there is to do: cells and line feeds. */
  #copyRows(): void {
    const bytes = this.#bytes
    const codes = this.#inCell
    const stop = this.#stop
    let at = this.#at
    let length = this.#length
    let start = this.#start
    let first = this.#first
    let rows = this.#rows
    for (; at < stop; at++) {
      const code = codes[bytes[at]!]!
      if (code !== 0) {
        page.setInt32(length, code, true)
        length += code >> 24
        continue
      }
      const byte = bytes[at]!
      if (byte === carriageReturn && bytes[at + 1] === lineFeed) {
        first++
        continue
      }
      if (byte !== lineFeed || rows === 0) break
      if (hasText(start, length, at - first)) {
        page.setInt32(length, rowEnding, true)
        start = length + 3
        rows++
      }
      page.setInt32(start, rowOpening, true)
      length = start + 2
      first = at + 1
    }
    this.#at = at
    this.#length = length
    this.#start = start
    this.#first = first
    this.#rows = rows
  }

  #lookCloser(): void {
    const at = this.#at++
    const byte = this.#bytes[at]!
    if (byte === 0) this.#first++
    else if (byte !== quote) {
      this.#endRow(at)
      this.#openRow()
    } else if (
      at === 0 ||
      isBreak(this.#bytes[at - 1]!, this.#delimiter) ||
      opensBehindSpaces(this.#bytes, at, this.#delimiter)
    ) {
      this.#first++
      this.#quoted()
    } else this.#put(quote)
  }

  /** From behind an opening quote to behind the one that closes it. */
  #quoted(): void {
    const bytes = this.#bytes
    for (;;) {
      this.#copyQuoted()
      if (this.#at === bytes.length) return
      if (this.#at >= this.#stop) {
        this.#turn()
        continue
      }
      const byte = bytes[this.#at++]
      const next = bytes[this.#at]
      if (byte === carriageReturn && next !== lineFeed) this.#put(space)
      else this.#first++
      if (byte !== quote) continue
      if (next !== quote) return
      this.#put(quote)
      this.#at++
    }
  }

  #copyQuoted(): void {
    const bytes = this.#bytes
    const stop = this.#stop
    let at = this.#at
    let length = this.#length
    for (; at < stop; at++) {
      const code = inQuotes[bytes[at]!]!
      if (code === 0) break
      page.setInt32(length, code, true)
      length += code >> 24
    }
    this.#at = at
    this.#length = length
  }

  #put(byte: number): void {
    page.setUint8(this.#length++, byte)
  }

  #openRow(): void {
    this.#start = this.#length
    this.#first = this.#at
    page.setInt32(this.#length, rowOpening, true)
    this.#length += 2
  }

  /** `at` is the byte that ends it. */
  #endRow(at: number = this.#at): void {
    if (!hasText(this.#start, this.#length, at - this.#first)) {
      this.#length = this.#start
      return
    }
    page.setInt32(this.#length, rowEnding, true)
    this.#length += 3
    if (this.#rows++ > 0) return
    this.#columns = countCells(this.#bytes.subarray(0, at), this.#delimiter)
    const rule = `|${' --- |'.repeat(this.#columns)}\n`
    if (this.#length + rule.length > pageBytes) {
      this.#keepPage()
      this.#keep(rule)
    } else this.#length += pageAsBuffer.write(rule, this.#length, 'latin1')
    this.#makeRoom()
  }

  /** Empties the page. */
  #turn(): void {
    const bytes = this.#bytes
    // No character is torn: all its bytes are copied as they are, and a few more always fit.
    while (bytes[this.#at]! >> 6 === 0b10) this.#put(bytes[this.#at++]!)
    const isOpen = hasText(this.#start, this.#length, this.#at - this.#first)
    if (!isOpen) this.#length = this.#start
    this.#keepPage()
    if (!isOpen) this.#openRow()
    else this.#start = -1
    this.#makeRoom()
  }

  #makeRoom(): void {
    this.#stop = Math.min(this.#bytes.length, this.#at + Math.floor((pageBytes - this.#length) / growth))
  }

  #keepPage(): void {
    this.#keep(pageAsBuffer.toString(this.#isAscii ? 'latin1' : 'utf8', 0, this.#length))
    this.#length = 0
  }

  #keep(text: string): void {
    this.#chars += text.length
    if (this.#chars > this.#maxChars)
      throw new FormatError('output_too_large', `The table has more than ${this.#maxChars} characters of text.`)
    this.#texts.push(text)
  }
}

/** Delimiters alone become three bytes each, and nothing else does. */
function hasText(start: number, length: number, bytes: number): boolean {
  return start < 0 || length - start - 2 !== bytes * 3
}

function isBreak(byte: number, delimiter: number): boolean {
  return byte === delimiter || byte === lineFeed || byte === carriageReturn
}

/** What is written for each byte: up to three bytes, the first lowest, and above them how many; 0 asks for a closer look. */
const inQuotes = Int32Array.from({ length: 256 }, (_, byte) => 0x01_00_00_00 | byte)
inQuotes[0] = inQuotes[quote] = inQuotes[carriageReturn] = 0
inQuotes[bar] = 0x02_00_7c_5c
inQuotes[lineFeed] = 0x01_00_00_20

function codesFor(delimiter: number): Int32Array {
  const codes = inQuotes.slice()
  codes[lineFeed] = 0
  codes[delimiter] = 0x03_20_7c_20
  return codes
}
