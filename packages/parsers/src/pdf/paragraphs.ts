import type { Line } from './blocks.ts'
import { joinLines } from './join.ts'
import { isIdeograph, joint } from './letters.ts'
import { isBullet } from './markers.ts'
import type { Style } from './style.ts'

const endOfSentence = /[.!?:;。]["”’)]?$/
const numbered = /^(?:\(?(?:\d{1,3}|[a-z]|[ivx]{2,5})[.)]) \S/i
/** Much more than from line to line of a paragraph. */
const apartFactor = 1.3
/** Lines shorter than this are broken where they are on purpose. */
const minFilled = 28
const minFilledIdeographs = 12
/** So many lines show their margin by themselves. */
const minGroup = 4
/** Notes at the foot of a column. */
const maxNotes = 3

interface Part {
  text: string
  last: Line | undefined
}

/** Consecutive lines of text as paragraphs, lists and code. */
export function paragraphs(lines: readonly Line[], style: Style): string {
  const parts: Part[] = []
  for (let at = 0; at < lines.length; ) {
    let to = at + 1
    if (lines[at]!.mono && style.hasCode) {
      while (to < lines.length && lines[to]!.mono && isBelow(lines[to - 1]!, lines[to]!, 3)) to++
      if (to - at > 1) {
        parts.push({ text: fence(lines.slice(at, to)), last: undefined })
        at = to
        continue
      }
    }
    while (to < lines.length && belongs(lines[to - 1]!, lines[to]!, style)) to++
    const text = writeGroup(lines.slice(at, to), style)
    const before = partBefore(parts, lines[at]!)
    if (before === undefined) parts.push({ text, last: lines[to - 1] })
    else {
      before.text = joinLines(before.text, before.last!, text, style)
      before.last = lines[to - 1]
    }
    at = to
  }
  return parts.map(({ text }) => text).join('\n\n')
}

/** The paragraph that goes on with a line at the top of the next column; notes at the column's foot lie between. */
function partBefore(parts: readonly Part[], line: Line): Part | undefined {
  for (let back = 1; back <= maxNotes + 1; back++) {
    const part = parts.at(-back)
    if (part?.last === undefined) return undefined
    if (runsOn(part.last, line)) return part
    if (part.last.size > line.size * 0.94) return undefined
  }
  return undefined
}

function isBelow(last: Line, line: Line, most: number): boolean {
  const step = last.bottom - line.bottom
  const size = Math.max(last.size, line.size)
  return step > -size * 0.5 && step <= size * most
}

function belongs(last: Line, line: Line, style: Style): boolean {
  if (!isBelow(last, line, style.lead * apartFactor) || (line.mono !== last.mono && style.hasCode)) return false
  return Math.abs(last.size - line.size) <= Math.max(last.size, line.size) * 0.15
}

/** A sentence that goes on at the top of the next column. */
function runsOn(last: Line, line: Line): boolean {
  if (line.bottom <= last.bottom || last.mono || Math.abs(line.size - last.size) > last.size * 0.06) return false
  return last.hyphen || (last.text.length >= minFilled && !endOfSentence.test(last.text) && /^\p{Ll}/u.test(line.text))
}

/** Lines of one size without white space between them. */
function writeGroup(lines: readonly Line[], style: Style): string {
  const margin = marginOf(lines, style)
  /** One for each line. */
  const written: string[] = []
  let last: Line | undefined
  /** The first line of the paragraph, and how many it has. */
  let head = lines[0]!
  let count = 0
  /** Where the items of a list begin, for each of its levels. */
  const indents: number[] = []
  for (const line of lines) {
    const isFull = last !== undefined && isFilled(last, line, margin)
    const goesOn = isFull && indents.length === 0 && !endOfSentence.test(last!.text)
    // Word's bullet of the second level is a letter.
    const isInner = indents.length > 0 && line.left > indents[0]! + line.size * 0.5
    const item = isInner && line.text.startsWith('o ') ? `- ${line.text.slice(2)}` : listItem(line.text, goesOn)
    if (item !== undefined) {
      while (indents.length > 1 && line.left < indents.at(-1)! - line.size * 0.5) indents.pop()
      if (indents.length === 0 || line.left > indents.at(-1)! + line.size * 0.8) indents.push(line.left)
      written.push(`${last === undefined ? '' : '\n'}${'   '.repeat(Math.min(indents.length - 1, 3))}${item}`)
      count = 0
    } else if (last === undefined) written.push(escapeStart(line.text))
    else if (last.hyphen) {
      const before = written.pop()!
      written.push(joinLines(before, last, line.text, style))
    } else {
      const step = line.left - last.left
      const isHanging = count > 1 && last.left > head.left + line.size * 0.8 && step < -line.size * 0.8
      // Behind the first line it may hang from that.
      const isIndented = count > 1 && indents.length === 0 && step > line.size * 0.8
      const isNew = isHanging || (isIndented && (!isFull || endOfSentence.test(last.text)))
      if (isFull && !isNew) written.push(joint(last.text, line.text) + line.text)
      else {
        written.push(`${isNew ? '\n\n' : '\n'}${escapeStart(line.text)}`)
        count = 0
      }
    }
    if (count === 0) head = line
    count++
    last = line
  }
  return written.join('')
}

/** Where lines of a group end when they are full; nothing where too little shows it. */
function marginOf(lines: readonly Line[], style: Style): number | undefined {
  const [first] = lines
  if (first!.right <= first!.left) return undefined
  const sign = first!.rtl ? -1 : 1
  let most = Number.NEGATIVE_INFINITY
  let second = Number.NEGATIVE_INFINITY
  for (const line of lines) {
    const end = sign * (first!.rtl ? line.left : line.right)
    if (end > most) {
      second = most
      most = end
    } else if (end > second) second = end
  }
  const isOwn = lines.length >= minGroup && most - second < first!.size * 5
  return isOwn || style.isMargin(sign * most) ? sign * most : undefined
}

/** The next line's first word had no room on this one; where no margin shows it, the sentence goes on. */
function isFilled(last: Line, line: Line, margin: number | undefined): boolean {
  if (last.right <= last.left || last.isSplit || line.isSplit || last.bold !== line.bold) return false
  const least = isIdeograph(last.text.charCodeAt(last.text.length - 1)) ? minFilledIdeographs : minFilled
  const goesOn = /^\p{Ll}/u.test(line.text)
  if (margin === undefined) return goesOn && last.text.length >= least && !endOfSentence.test(last.text)
  if (last.text.length < least && !goesOn) return false
  const need = line.firstWord + line.size * 0.3
  return last.rtl ? last.left - need < margin : last.right + need > margin
}

/** In the middle of a sentence a number at the start of a line is none of a list. */
function listItem(text: string, goesOn: boolean): string | undefined {
  if (numbered.test(text)) return goesOn ? undefined : text
  if (!isBullet(text) || text.length < 3) return undefined
  const rest = text.slice(1).trimStart()
  // A dash without a space is a minus.
  return rest.length === text.length - 1 && (text[0] === '–' || text[0] === '·') ? undefined : `- ${rest}`
}

/** A line of text that begins with `#`, a fence or a bar is no heading, no code and no table. */
function escapeStart(text: string): string {
  return /^(?:#|```|~~~|\|)/.test(text) ? `\\${text}` : text
}

/** Typewriter lines as code, each as far in as it stands on the page. */
function fence(lines: readonly Line[]): string {
  const [first] = lines
  const left = lines.reduce((least, line) => Math.min(least, line.left), first!.left)
  const width = Math.max((first!.right - first!.left) / Math.max(first!.text.length, 1), 1)
  const code = lines.map((line) => ' '.repeat(Math.min(Math.round((line.left - left) / width), 80)) + line.text)
  const body = code.join('\n')
  let mark = '```'
  while (body.includes(mark)) mark += '`'
  return `${mark}\n${body}\n${mark}`
}
