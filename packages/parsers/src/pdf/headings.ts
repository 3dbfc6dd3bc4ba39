import type { Line } from './blocks.ts'
import { isBullet } from './markers.ts'
import { titleKey } from './outline.ts'
import { halfPoints, type Style } from './style.ts'

const maxChars = 160
const maxBoldChars = 100
const maxSentence = 60
const boldLevel = 4
const caption = /^(?:figure|fig\.|table|abb(?:ildung|\.)|tab(?:elle|leau|la|\.)|figur[ea]) ?\d/i

/** Level of a heading by the bookmarks, by the size of its letters; 0 for a line of text. */
export function headingLevel(line: Line, style: Style, titles: ReadonlyMap<string, number> | undefined): number {
  const { text } = line
  if (text.length > maxChars || text.length < 2) return 0
  if (line.tag?.kind === 'heading') return line.tag.level
  const known = titles?.get(titleKey(text))
  if (known !== undefined) return known
  if (style.body === 0 || (line.mono && style.hasCode) || text.includes('@') || isBullet(text) || !isWords(text))
    return 0
  // The rest of a sentence in larger letters.
  if (/^\p{Ll}/u.test(text) || (text.length > maxSentence && /[.,;]$/.test(text))) return 0
  const ratio = halfPoints(line) / style.body
  if (ratio < 1.18 || ratio > 8) return 0
  return ratio >= 1.8 ? 1 : ratio >= 1.4 ? 2 : 3
}

/** A short line in bold that stands by itself. */
export function boldHeading(line: Line, before: Line | undefined, after: Line | undefined, style: Style): number {
  const { text } = line
  if (!line.bold || line.isSplit || !style.hasBoldHeadings || text.length > maxBoldChars || text.length < 3) return 0
  if (/[.,;:!]$/.test(text) || !/^[\p{Lu}\p{Lo}\d]/u.test(text) || !isWords(text)) return 0
  // A sentence that begins in bold.
  if (caption.test(text) || (after !== undefined && /^\p{Ll}/u.test(after.text))) return 0
  return before?.bold !== true && after?.bold !== true ? boldLevel : 0
}

/** More letters than numbers and signs, and a word among them. */
function isWords(text: string): boolean {
  if (!/\p{L}{2}/u.test(text)) return false
  let letters = 0
  let spaces = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 32) spaces++
    else if (
      ((code | 32) >= 97 && (code | 32) <= 122) ||
      (code >= 0xc0 && code < 0x2000) ||
      (code >= 0x2e80 && code < 0xd800)
    )
      letters++
  }
  return letters * 2 > text.length - spaces
}
