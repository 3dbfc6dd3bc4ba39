import { FormatError } from '../format.ts'

/**
 * What a walk hears. Names come without their prefix unless `prefixes` is set; `attrs` is the raw text behind the
 * name, read with {@link attr} only where needed. Text may come in several pieces.
 */
export interface XmlHandlers {
  /** Returning true skips the element with all that is in it; its `close` is not called. */
  open?(name: string, attrs: string): boolean | undefined
  close?(name: string): void
  text?(text: string): void
}

export interface XmlOptions {
  /** Nesting allowed; beyond it a FormatError `too_large` is thrown. */
  readonly maxDepth: number
  /** Keep `table:p` as it is; otherwise `p`. Off by default. */
  readonly prefixes?: boolean
}

const maxTagChars = 4 * 1024 * 1024
const SLASH = 47
const QUOTE = 34

/**
 * A forgiving, streaming XML tokenizer for office documents: ten to twenty times as fast as a validating one, because
 * attributes are cut out only when asked for. Entities are the five of XML and character references; a DOCTYPE is
 * skipped with all it declares, so nothing ever expands.
 */
export class XmlScanner {
  readonly #on: XmlHandlers
  readonly #maxDepth: number
  readonly #prefixes: boolean
  readonly #names = new Map<string, string>()
  #rest = ''
  /** Where the search in `#rest` goes on, so a long tag fed in small pieces stays linear. */
  #searched = 0
  #depth = 0
  #skipFrom = 0
  #elements = 0

  constructor(on: XmlHandlers, options: XmlOptions) {
    this.#on = on
    this.#maxDepth = options.maxDepth
    this.#prefixes = options.prefixes ?? false
  }

  write(chunk: string): void {
    const x = this.#rest === '' ? chunk : this.#rest + chunk
    let at = 0
    for (;;) {
      const lt = at === 0 && this.#searched > 0 && x.charCodeAt(0) === 60 ? 0 : x.indexOf('<', at)
      if (lt < 0) {
        const end = textEnd(x, at)
        if (end > at) this.#text(x.slice(at, end))
        at = end
        this.#searched = 0
        break
      }
      if (lt > at) this.#text(x.slice(at, lt))
      at = lt
      const next = this.#tag(x, lt)
      this.#searched = 0
      if (next < 0) {
        this.#searched = Math.max(1, x.length - lt - 2)
        break
      }
      at = next
    }
    this.#rest = at === 0 ? x : x.slice(at)
    if (this.#rest.length > maxTagChars)
      throw new FormatError('corrupt', 'An XML tag in it is over 4 million characters')
  }

  /** Ends the input; false when elements are still open or nothing was XML: the part is cut short or damaged. */
  close(): boolean {
    if (this.#rest !== '' && this.#rest.charCodeAt(0) !== 60) this.#text(this.#rest)
    this.#rest = ''
    return this.#depth === 0 && this.#elements > 0
  }

  #text(raw: string): void {
    if (this.#skipFrom === 0 && this.#on.text) this.#on.text(decodeEntities(raw))
  }

  /** Handles what begins at `lt`; gives the index after it, or -1 when it is not all there yet. */
  #tag(x: string, lt: number): number {
    const from = Math.max(lt + 1, lt + this.#searched)
    const code = x.charCodeAt(lt + 1)
    if (code === SLASH) {
      const gt = x.indexOf('>', from)
      if (gt < 0) return -1
      this.#close(this.#name(x.slice(lt + 2, gt).trimEnd()))
      return gt + 1
    }
    if (code === 63) return after(x.indexOf('?>', from), 2)
    if (code === 33) return this.#declaration(x, lt, from)
    const gt = tagEnd(x, lt, from)
    if (gt < 0) return -1
    const empty = x.charCodeAt(gt - 1) === SLASH
    const last = empty ? gt - 1 : gt
    let end = lt + 1
    while (end < last && x.charCodeAt(end) > 32) end++
    this.#open(this.#name(x.slice(lt + 1, end)), end < last ? x.slice(end, last) : '', empty)
    return gt + 1
  }

  #declaration(x: string, lt: number, from: number): number {
    if (x.startsWith('<!--', lt)) return after(x.indexOf('-->', Math.max(from, lt + 4)), 3)
    if (x.startsWith('<![CDATA[', lt)) {
      const end = x.indexOf(']]>', Math.max(from, lt + 9))
      if (end < 0) return -1
      if (this.#skipFrom === 0) this.#on.text?.(x.slice(lt + 9, end))
      return end + 3
    }
    if (x.length - lt < 9) return -1
    const gt = x.indexOf('>', lt)
    if (gt < 0) return -1
    const bracket = x.slice(lt, gt).indexOf('[') + lt
    if (bracket < lt) return gt + 1
    const close = x.indexOf(']', bracket)
    return close < 0 ? -1 : after(x.indexOf('>', close), 1)
  }

  #name(raw: string): string {
    if (this.#prefixes) return raw
    let name = this.#names.get(raw)
    if (name === undefined) {
      name = raw.slice(raw.indexOf(':') + 1)
      if (this.#names.size < 1000) this.#names.set(raw, name)
    }
    return name
  }

  #open(name: string, attrs: string, empty: boolean): void {
    this.#elements++
    if (!empty && ++this.#depth > this.#maxDepth) {
      throw new FormatError('too_large', `Its XML is nested deeper than ${this.#maxDepth} elements`)
    }
    if (this.#skipFrom > 0) return
    if (this.#on.open?.(name, attrs) === true) {
      if (!empty) this.#skipFrom = this.#depth
    } else if (empty) this.#on.close?.(name)
  }

  #close(name: string): void {
    if (this.#depth === 0) return
    const skipped = this.#skipFrom
    if (skipped === 0) this.#on.close?.(name)
    else if (this.#depth === skipped) this.#skipFrom = 0
    this.#depth--
  }
}

function after(index: number, length: number): number {
  return index < 0 ? -1 : index + length
}

/** Text up to an entity that the end of the piece may have cut. */
function textEnd(x: string, from: number): number {
  for (let i = x.length - 1; i >= from && i > x.length - 12; i--) {
    const code = x.charCodeAt(i)
    if (code === 59) break
    if (code === 38) return i
  }
  return x.length
}

/** A '>' may stand inside an attribute's value. */
function tagEnd(x: string, lt: number, from: number): number {
  const gt = x.indexOf('>', from)
  if (gt < 0) return -1
  let last = gt - 1
  if (x.charCodeAt(last) === SLASH) last--
  if (x.charCodeAt(last) === QUOTE && x.charCodeAt(last - 1) !== 61) return gt
  let quote = 0
  for (let i = lt + 1; i < x.length; i++) {
    const code = x.charCodeAt(i)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 62) return i
    else if (code === QUOTE || code === 39) quote = code
  }
  return -1
}

const needles = new Map<string, string>()

/** The value of an attribute by its name without prefix, out of the raw text of a tag. */
export function attr(attrs: string, name: string): string | undefined {
  if (attrs === '') return undefined
  let needle = needles.get(name)
  if (needle === undefined) {
    needle = `${name}="`
    needles.set(name, needle)
  }
  for (let at = attrs.indexOf(needle); at >= 0; at = attrs.indexOf(needle, at + 1)) {
    const before = attrs.charCodeAt(at - 1)
    if (before > 32 && before !== 58) continue
    const start = at + needle.length
    const end = attrs.indexOf('"', start)
    return end < 0 ? undefined : decodeEntities(attrs.slice(start, end))
  }
  return attrs.includes("'") || attrs.includes(' =') || attrs.includes('= ') ? looseAttr(attrs, name) : undefined
}

/** Single quotes, or space around the equals sign. */
function looseAttr(attrs: string, name: string): string | undefined {
  if (attrs.length > 65_536) return undefined
  for (const match of attrs.matchAll(/([^\s=:"']{1,80})\s{0,8}=\s{0,8}("[^"]*"|'[^']*')/g)) {
    if (match[1] === name) return decodeEntities(match[2]!.slice(1, -1))
  }
  return undefined
}

/** An attribute as a whole number. */
export function numberAttr(attrs: string, name: string): number | undefined {
  const value = attr(attrs, name)
  if (value === undefined) return undefined
  const number = Number.parseInt(value, 10)
  return Number.isFinite(number) ? number : undefined
}

/** A toggle such as `<w:b/>` or `<w:b w:val="0"/>`. */
export function isOn(attrs: string): boolean {
  const value = attr(attrs, 'val')
  return value === undefined || !(value === '0' || value === 'false' || value === 'off' || value === 'none')
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: '\u00a0' }

export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
    if (name.charCodeAt(0) !== 35) return entities[name] ?? whole
    const hex = name.charCodeAt(1) === 120 || name.charCodeAt(1) === 88
    const code = hex ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}
