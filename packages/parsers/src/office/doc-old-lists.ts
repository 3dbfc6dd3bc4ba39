import type { DocParagraph } from './doc-sprms.ts'
import { listLabel } from './numbers.ts'

const numbered = 10
const bulleted = 11
const formats = ['decimal', 'upperRoman', 'lowerRoman', 'upperLetter', 'lowerLetter']

/** Counts the numbered paragraphs of Word 6 and 95, each of which says for itself how its number looks. */
export function oldNumbering(): (paragraph: DocParagraph) => string | undefined {
  let count: number | undefined
  return ({ oldLevel, oldNumber }) => {
    if (oldLevel === bulleted) return '-'
    if (oldLevel !== numbered) {
      if (oldLevel === 0) count = undefined
      return undefined
    }
    const { format = 0, start = 1, before = '', after = '.' } = oldNumber ?? {}
    count = count === undefined ? start : count + 1
    return `${before}${listLabel(count, formats[format] ?? 'decimal')}${after}`.trim()
  }
}
