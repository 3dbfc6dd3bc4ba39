import type { Line } from './lines.ts'

const bullets = '•▪‣◦●○■□∙·–➢➤✓\uF0B7\uF0A7\uF0D8\uF076\uF0FC'
const maxHeadingChars = 160
/** Distance of two lines of one paragraph, and of one heading, at most; in heights of their letters. */
const textStep = 1.45
const headingStep = 1.9

/** Height of the letters most of the text is set in, in half points; what is well above it is a heading. */
export function bodySize(pages: readonly (readonly Line[])[]): number {
  const weights = new Map<number, number>()
  for (const lines of pages) {
    for (const line of lines) {
      const size = halfPoints(line)
      weights.set(size, (weights.get(size) ?? 0) + line.text.length)
    }
  }
  let best = 0
  let most = 0
  for (const [size, weight] of weights) {
    if (weight > most && size > 0) {
      best = size
      most = weight
    }
  }
  return best
}

/** One page as Markdown: headings by size, bullets as lists, blank lines where the page has white space. */
export function pageMarkdown(lines: readonly Line[], body: number): string {
  let out = ''
  let previous: Line | undefined
  let previousLevel = 0
  for (const line of lines) {
    const level = headingLevel(line, body)
    if (level > 0) {
      // A heading that runs over two lines is one heading.
      out +=
        level === previousLevel && previous !== undefined && !isApart(previous, line, headingStep)
          ? ` ${line.text}`
          : `${gap(out)}${'#'.repeat(level)} ${line.text}`
    } else {
      const item = listItem(line.text)
      if (previousLevel > 0 || (previous !== undefined && isApart(previous, line))) out += gap(out)
      else if (out !== '') out += '\n'
      out += item ?? escapeStart(line.text)
    }
    previous = line
    previousLevel = level
  }
  return out === '' ? '' : `${out}\n\n`
}

function gap(out: string): string {
  return out === '' ? '' : '\n\n'
}

function halfPoints(line: Line): number {
  return Math.round((line.top - line.bottom) * 2)
}

function headingLevel(line: Line, body: number): number {
  if (body === 0 || line.text.length > maxHeadingChars || line.text.length < 2) return 0
  const ratio = halfPoints(line) / body
  if (ratio < 1.18 || ratio > 8 || !hasLetter(line.text)) return 0
  return ratio >= 1.8 ? 1 : ratio >= 1.4 ? 2 : 3
}

function hasLetter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if ((code | 32) >= 97 && (code | 32) <= 122) return true
    if (code >= 0xc0) return true
  }
  return false
}

/** More than a line's distance, or a jump upwards: another column, a box, a footer. */
function isApart(previous: Line, line: Line, most = textStep): boolean {
  const height = Math.max(previous.top - previous.bottom, line.top - line.bottom)
  const step = previous.end - line.bottom
  return height > 0 && (step > height * most || step < -height * 0.5)
}

function listItem(text: string): string | undefined {
  if (!bullets.includes(text[0]!) || text.length < 3) return undefined
  const rest = text.slice(1).trimStart()
  // A dash without a space is a minus.
  return rest.length === text.length - 1 && (text[0] === '–' || text[0] === '·') ? undefined : `- ${rest}`
}

/** A line of text that begins with `#` or a fence is no heading and opens no code. */
function escapeStart(text: string): string {
  return text.startsWith('#') || text.startsWith('```') || text.startsWith('~~~') ? `\\${text}` : text
}
