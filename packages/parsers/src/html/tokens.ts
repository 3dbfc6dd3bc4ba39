import { nextHash, type Tag, tagAt } from './elements.ts'
import type { Source } from './source.ts'

/** What a page's source consists of, in order; of elements only those that are known. Text is raw, with its character references. */
export interface TokenHandler {
  /** `from` to `to` are the attributes. Returns where to go on, when what follows is not to be read as markup. */
  open(tag: Tag, from: number, to: number, closed: boolean): number | undefined
  close(tag: Tag): void
  text(from: number, to: number): void
}

/**
 * Reads any text as HTML, in one pass and without looking anything up twice: tags, comments and quotes that never
 * end cost no more than others. Reads to `length`, or to the end of the tag that is open there.
 */
export function scanTokens(page: Source, handler: TokenHandler, length: number = page.bytes.length): void {
  const { bytes, chars: source } = page
  const double = new Seeker(source, '"')
  const single = new Seeker(source, "'")
  let at = 0
  while (at < length) {
    const mark = source.indexOf('<', at)
    if (mark === -1 || mark >= length) {
      handler.text(at, length)
      return
    }
    const code = bytes[mark + 1] ?? 0
    const isClose = code === 47
    if (isClose ? isLetter(bytes[mark + 2] ?? 0) : isLetter(code)) {
      if (mark > at) handler.text(at, mark)
      const start = mark + (isClose ? 2 : 1)
      let nameEnd = start
      let hash = 0
      for (let code = bytes[start] ?? 0; code > 32 && code !== 62 && code !== 47; ) {
        hash = nextHash(hash, code)
        code = bytes[++nameEnd] ?? 0
      }
      const end = endOfTag(page, nameEnd, double, single)
      if (end === -1) return
      const tag = tagAt(bytes, start, nameEnd, hash)
      if (tag !== undefined) {
        if (isClose) handler.close(tag)
        else {
          const closed = isSelfClosed(bytes, nameEnd, end)
          const next = handler.open(tag, nameEnd, closed ? end - 1 : end, closed)
          if (next !== undefined) {
            at = next
            continue
          }
        }
      }
      at = end + 1
    } else if (code === 33 || code === 63 || isClose) {
      if (mark > at) handler.text(at, mark)
      if (source.startsWith('<![CDATA[', mark)) {
        const end = source.indexOf(']]>', mark)
        handler.text(mark + 9, end === -1 ? length : end)
        at = end === -1 ? length : end + 3
      } else at = endOfComment(source, mark)
    } else {
      handler.text(at, mark + 1)
      at = mark + 1
    }
  }
}

/** The next place of one character, found once for all who ask before it. */
class Seeker {
  readonly #source: string
  readonly #char: string
  #found = -1

  constructor(source: string, char: string) {
    this.#source = source
    this.#char = char
  }

  from(at: number): number {
    if (this.#found < at) {
      const next = this.#source.indexOf(this.#char, at)
      this.#found = next === -1 ? Number.POSITIVE_INFINITY : next
    }
    return this.#found
  }
}

/** The `>` that ends a tag: not one in a quoted value. */
function endOfTag({ bytes, chars }: Source, from: number, double: Seeker, single: Seeker): number {
  let before = 0
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at]!
    if (code === 62) return at
    if ((code === 34 || code === 39) && before === 61) {
      const close = (code === 34 ? double : single).from(at + 1)
      if (close === Number.POSITIVE_INFINITY) return chars.indexOf('>', at)
      at = close
      before = code
    } else if (!isSpace(code)) before = code
  }
  return -1
}

/** Not by the last character of a value without quotes. */
function isSelfClosed(bytes: Uint8Array, nameEnd: number, end: number): boolean {
  if (bytes[end - 1] !== 47) return false
  const before = bytes[end - 2]!
  return end - 1 === nameEnd || before === 34 || before === 39 || isSpace(before)
}

function endOfComment(source: string, tag: number): number {
  if (!source.startsWith('<!--', tag)) {
    const end = source.indexOf('>', tag)
    return end === -1 ? source.length : end + 1
  }
  if (source.startsWith('>', tag + 4)) return tag + 5
  if (source.startsWith('->', tag + 4)) return tag + 6
  const end = source.indexOf('-->', tag + 4)
  return end === -1 ? source.length : end + 3
}

/** The raw value of an attribute; `''` where it has none, undefined where it is absent. */
export function attribute(page: Source, from: number, to: number, name: string): string | undefined {
  const { bytes, chars } = page
  let at = from
  while (at < to) {
    while (at < to && (isSpace(bytes[at]!) || bytes[at]! === 47)) at++
    const start = at
    while (at < to && !isSpace(bytes[at]!) && bytes[at]! !== 61) at++
    const end = at
    while (at < to && isSpace(bytes[at]!)) at++
    let valueStart = at
    let valueEnd = at
    if (bytes[at]! === 61 && at < to) {
      at++
      while (at < to && isSpace(bytes[at]!)) at++
      const quote = bytes[at]!
      if (quote === 34 || quote === 39) {
        const close = chars.indexOf(quote === 34 ? '"' : "'", at + 1)
        valueStart = at + 1
        valueEnd = close === -1 || close > to ? to : close
        at = valueEnd + 1
      } else {
        valueStart = at
        while (at < to && !isSpace(bytes[at]!)) at++
        valueEnd = at
      }
    }
    if (end - start === name.length && isNamed(chars, start, name)) return page.slice(valueStart, valueEnd)
    if (at === start) at++
  }
  return undefined
}

/** Whether a name, which is lower case, stands at a place in any case. */
export function isNamed(source: string, start: number, name: string): boolean {
  for (let n = 0; n < name.length; n++) {
    const code = source.charCodeAt(start + n)
    if (code !== name.charCodeAt(n) && (!isLetter(code) || (code | 32) !== name.charCodeAt(n))) return false
  }
  return true
}

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}
