import { openCompoundFile } from '../cfb.ts'
import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { isWord2, readFib, readWord2, unlessDamaged } from '../office/doc-fib.ts'
import { readFonts } from '../office/doc-fonts.ts'
import { type DocNumbering, readLists } from '../office/doc-lists.ts'
import { writeDoc } from '../office/doc-notes.ts'
import { oldNumbering } from '../office/doc-old-lists.ts'
import { readPieces } from '../office/doc-pieces.ts'
import { characterRuns, paragraphRuns } from '../office/doc-runs.ts'
import { readStyles } from '../office/doc-styles.ts'
import type { DocText } from '../office/doc-text.ts'
import { languageOfText } from '../office/language-ids.ts'
import { readOleProperties } from '../office/ole-properties.ts'

/** Word 2 to 2003 ([MS-DOC]): headings, lists with their numbers, tables, links, notes, comments, text boxes, margins. */
export const doc: Format = {
  name: 'doc',
  mimeTypes: ['application/msword'],
  extensions: ['doc', 'dot'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = isWord2(bytes) ? undefined : openCompoundFile(bytes, limits)
  const fib = file ? readFib(file) : readWord2(bytes)
  const styles = readStyles(fib.part('styles'), fib.old)
  let numbering: DocNumbering | undefined
  const text: DocText = {
    pieces: readPieces(fib),
    styles,
    paragraphs: paragraphRuns(fib),
    characters: characterRuns(fib),
    label: fib.old
      ? oldNumbering()
      : (paragraph, style) => {
          const list = paragraph.list ?? style?.list ?? 0
          if (list === 0) return undefined
          numbering ??= unlessDamaged(() => readLists(fib)) ?? (() => undefined)
          return numbering(list, paragraph.level ?? style?.level ?? 0) ?? '-'
        },
    fonts: readFonts(fib),
    old: fib.old,
  }
  const out = new BlockWriter(limits.maxOutputChars)
  let firstTitle: string | undefined
  writeDoc(out, fib, text, limits.maxOutputChars, (title) => (firstTitle ??= title))
  const markdown = out.finish()
  const { properties = undefined, pages = undefined } = file ? readOleProperties(file) : {}
  const title = properties?.title ?? firstTitle
  const language = properties?.language ?? languageOfText(styles(0)?.language ?? 0, markdown)
  return {
    ...properties,
    markdown,
    ...(title ? { title } : {}),
    ...(language ? { language } : {}),
    ...(pages === undefined ? {} : { pages }),
  }
}
