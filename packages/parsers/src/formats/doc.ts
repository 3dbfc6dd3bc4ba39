import { openCompoundFile } from '../cfb.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { readHeadings, readParagraph, readRuns, readUnseen } from '../office/doc-properties.ts'
import { type DocText, makePieces, writeDocText } from '../office/doc-text.ts'
import { readOleProperties } from '../office/ole-properties.ts'

/** Word 6 to 2003 ([MS-DOC]): text with headings, lists, tables and links; Word 6 and 95 as plain paragraphs. */
export const doc: Format = {
  name: 'doc',
  mimeTypes: ['application/msword'],
  extensions: ['doc', 'dot'],
  parse,
}

/** Pairs of offset and length in the FIB. */
const pairs = { stylesheet: 1, characters: 12, paragraphs: 13, pieces: 33 }

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openCompoundFile(bytes, limits)
  const stream = file.stream('WordDocument')
  if (!stream || stream.length < 0x60) throw new FormatError('corrupt', 'It has no WordDocument stream')
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const flags = view.getUint16(10, true)
  if ((flags & 0x0100) !== 0) throw new FormatError('encrypted', 'The Word document is protected with a password')
  const out = new BlockWriter(limits.maxOutputChars)
  const old = view.getUint16(2, true) < 0xc1
  const table = old ? undefined : file.stream((flags & 0x0200) !== 0 ? '1Table' : '0Table')
  const part = (index: number): DataView | undefined => {
    const at = 0x9a + index * 8
    if (!table || at + 8 > stream.length) return undefined
    const offset = view.getUint32(at, true)
    const length = view.getUint32(at + 4, true)
    return length > 0 && offset + length <= table.length
      ? new DataView(table.buffer, table.byteOffset + offset, length)
      : undefined
  }
  const text: DocText = {
    pieces: makePieces(stream, view, part(pairs.pieces)),
    headings: readHeadings(part(pairs.stylesheet)),
    paragraphs: readRuns(view, part(pairs.paragraphs), readParagraph),
    unseen: readRuns(view, part(pairs.characters), readUnseen),
  }
  let at = 0
  // Main text, footnotes, headers, macros, comments, endnotes, text boxes, text boxes in headers ([MS-DOC] 2.3).
  const lengths = old
    ? [Number.MAX_SAFE_INTEGER]
    : [0x4c, 0x50, 0x54, 0x58, 0x5c, 0x60, 0x64, 0x68].map((offset) => view.getUint32(offset, true))
  const seen = new Set<string>()
  lengths.forEach((length, n) => {
    if (n === 0) writeDocText(out, text, 0, length)
    else if (length > 0 && n !== 3) {
      const side = new BlockWriter(limits.maxOutputChars)
      writeDocText(side, text, at, at + length)
      for (const block of side.finish().split('\n\n')) {
        if (/[\p{L}\p{N}]{2}/u.test(block) && !seen.has(block)) out.text(block)
        seen.add(block)
      }
    }
    at += length
  })
  const markdown = out.finish()
  const { properties, pages } = readOleProperties(file)
  return { ...properties, markdown, ...(pages === undefined ? {} : { pages }) }
}
