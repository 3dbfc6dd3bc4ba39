export type BlockKind = 'front' | 'heading' | 'text' | 'list' | 'table' | 'fence'

/** A stretch of lines, blank lines behind it included: blocks cover a text without gaps. */
export interface Block {
  readonly start: number
  end: number
  readonly kind: BlockKind
  /** 1 to 6; 0 for what is no heading. */
  readonly level: number
}

const maxHeadingChars = 1_000
const maxUnderlinedChars = 300
const maxFrontMatterChars = 4_096
/** So many lines with one and the same run of `#`, one below the other, are a comment of code or configuration. */
const commentLines = 3

/** One pass over the lines of `markdown`; looks at the first characters of each line only. */
export function scanBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  const length = markdown.length
  let current: Block | undefined
  /** The character and length of an open fence. */
  let fence = 0
  let fenceLength = 0
  let blank = false
  let position = 0
  let before = 0
  let hashes = { lines: 0, level: 0, at: -1 }
  const open = (kind: BlockKind, level = 0): void => {
    if (current !== undefined) current.end = position
    current = { start: position, end: length, kind, level }
    blocks.push(current)
  }
  const front = frontMatterEnd(markdown)
  if (front > 0) {
    open('front')
    position = front
    blank = true
  }
  while (position < length) {
    const newline = markdown.indexOf('\n', position)
    const next = newline === -1 ? length : newline + 1
    const lineEnd = newline === -1 ? length : newline
    let at = position
    let code = 0
    for (; at < lineEnd; at++) {
      code = markdown.charCodeAt(at)
      if (code !== 32 && code !== 9 && code !== 13) break
    }
    const isBlank = at === lineEnd
    if (fence !== 0) {
      if (!isBlank && code === fence && closesFence(markdown, at, lineEnd, fence, fenceLength)) {
        fence = 0
        blank = true
      }
    } else if (isBlank) {
      if (current === undefined) open('text')
      blank = true
    } else {
      const kind = lineKind(markdown, at, lineEnd, code, at - position < 4 && !markdown.startsWith('\t', at - 1))
      const level: number =
        kind === 'text' && !blank && current?.kind === 'text' && current.start === before
          ? underlineLevel(markdown, position, lineEnd, current.start)
          : 0
      if (level > 0) {
        current = { start: before, end: length, kind: 'heading', level }
        blocks[blocks.length - 1] = current
        blank = true
      } else if (kind === 'fence') {
        fence = code
        fenceLength = runLength(markdown, at, code)
        open('fence')
      } else if (kind === 'heading') {
        const own = runLength(markdown, at, 35)
        hashes = {
          lines: hashes.at === before && hashes.level === own ? hashes.lines + 1 : 1,
          level: own,
          at: position,
        }
        if (hashes.lines < commentLines) {
          open('heading', own)
        } else if (hashes.lines === commentLines) {
          const start: number = blocks[blocks.length - commentLines + 1]!.start
          blocks.length -= commentLines - 1
          current = { start, end: length, kind: 'text', level: 0 }
          blocks.push(current)
        }
        blank = hashes.lines < commentLines
      } else if (current === undefined || blank || current.kind !== kind) {
        // Indented lines and lazy lines after a blank one still belong to their list item.
        const inList: boolean =
          current?.kind === 'list' && kind !== 'table' && (kind === 'list' || at - position >= 2 || !blank)
        if (!inList) open(kind)
      }
      if (kind !== 'heading' && level === 0) blank = false
    }
    before = position
    position = next
  }
  return blocks
}

/** Of a line of `=` or `-` alone below the only line of a paragraph. */
function underlineLevel(text: string, start: number, end: number, title: number): number {
  const code = text.charCodeAt(start)
  if ((code !== 61 && code !== 45) || start - title > maxUnderlinedChars) return 0
  const run = runLength(text, start, code)
  if (run < 3 || text.slice(start + run, end).trim() !== '') return 0
  return code === 61 ? 1 : 2
}

/** `key: value` lines between the two `---` a file may begin with: a `#` there is no heading. */
function frontMatterEnd(text: string): number {
  if (!text.startsWith('---\n') || !/^[\w-]{1,64}:/.test(text.slice(4, 72))) return 0
  const end = text.slice(0, maxFrontMatterChars).indexOf('\n---\n', 4)
  return end === -1 ? 0 : end + 5
}

function lineKind(text: string, at: number, end: number, code: number, isAtMargin: boolean): BlockKind {
  switch (code) {
    case 35: {
      // Four spaces make it code.
      if (!isAtMargin) return 'text'
      const level = runLength(text, at, 35)
      const after = text.charCodeAt(at + level)
      return level <= 6 && end - at <= maxHeadingChars && (at + level >= end || after === 32 || after === 9)
        ? 'heading'
        : 'text'
    }
    case 96:
    case 126:
      return runLength(text, at, code) >= 3 ? 'fence' : 'text'
    case 124:
      return 'table'
    case 42:
    case 43:
    case 45:
      return text.charCodeAt(at + 1) === 32 ? 'list' : 'text'
    default:
      return code >= 48 && code <= 57 && isNumbered(text, at) ? 'list' : 'text'
  }
}

function isNumbered(text: string, at: number): boolean {
  let index = at
  while (index < at + 9 && text.charCodeAt(index) >= 48 && text.charCodeAt(index) <= 57) index++
  const code = text.charCodeAt(index)
  return (code === 46 || code === 41) && text.charCodeAt(index + 1) === 32
}

function closesFence(text: string, at: number, end: number, fence: number, length: number): boolean {
  const run = runLength(text, at, fence)
  if (run < length) return false
  for (let index = at + run; index < end; index++) if (text.charCodeAt(index) > 32) return false
  return true
}

function runLength(text: string, start: number, code: number): number {
  let end = start
  while (text.charCodeAt(end) === code) end++
  return end - start
}
