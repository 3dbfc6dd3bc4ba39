import type { Block, Line } from './blocks.ts'
import { headingLevel } from './headings.ts'
import { joinLines } from './join.ts'
import type { Style } from './style.ts'

/** What programs and templates write when nobody gave a title. */
const placeholder =
  /^(?:\(?(?:untitled|anonymous|no title|unknown|unspecified|title)[^a-z]*|untitled (?:document|spreadsheet|presentation)|powerpoint presentation|.|document ?\d*|.*\(use style: .*\))$/i
const fileName =
  /^\S+\.(?:docx?|xlsx?|pptx?|odt|ods|odp|rtf|txt|html?|tex|dvi|ps|eps|pdf|indd|qxd|qxp|pmd|pub|vsdx?|wpd|exe|fm|ai|cdr)$/i
/** Headings that many documents begin with. */
const generic =
  /^(?:(?:table of )?contents|inhalt(?:sverzeichnis)?|sommaire|table des matières|índice|abstract|summary)$/i
/** From line to line of a title, in heights of its letters: some are spaced widely. */
const maxStep = 2.5
const maxChars = 300
const minChars = 4
const maxLines = 4

/** The title a document gives itself, or where this is none, its largest heading on the first page with text. */
export function titleOf(
  given: string | undefined,
  pages: readonly (readonly Block[])[],
  style: Style,
): string | undefined {
  const named = given !== undefined && !placeholder.test(given) ? given : undefined
  if (named !== undefined && !fileName.test(named)) return named
  const first = pages.find((blocks) => blocks.length > 0) ?? []
  return largest(first, style) ?? named
}

function largest(blocks: readonly Block[], style: Style): string | undefined {
  let best: { readonly text: string; readonly size: number } | undefined
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at]!
    if (block.kind === 'table' || block.size <= (best?.size ?? 0) * 1.03) continue
    const level = headingLevel(block, style, undefined)
    if ((level !== 1 && level !== 2) || generic.test(block.text)) continue
    let { text } = block
    let last: Line = block
    for (let count = 1; count < maxLines; count++) {
      const next = blocks[at + count]
      if (next?.kind !== 'line' || Math.abs(next.size - last.size) > last.size * 0.05) break
      const step = last.bottom - next.bottom
      if (step < 0 || step > last.size * maxStep) break
      text = joinLines(text, last, next.text, style)
      last = next
    }
    // A link is none of a title.
    if (text.length >= minChars && text.length <= maxChars && !text.includes('](')) best = { text, size: block.size }
  }
  return best?.text
}
