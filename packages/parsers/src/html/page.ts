import { decodeHTML, decodeHTMLAttribute } from 'entities/decode'
import { fenced } from '../text.ts'
import type { Kind, Tag } from './elements.ts'
import { Inline, safeStart } from './inline.ts'
import { formulaText } from './math.ts'
import type { Source } from './source.ts'
import { collapse } from './text.ts'
import { attribute, isNamed, isSpace } from './tokens.ts'
import { baseOf, languageIn, safeAddress } from './values.ts'
import { Blocks } from './writer.ts'

const maxUrl = 2000
const maxHeading = 600
const nowhere = /^(?:javascript|data|vbscript|about|blob):/i
const likeTex = /[\\^_{}]/

/** Where the text of a page goes: into the paragraph, heading or code that is open, and from there into blocks. */
export class Page {
  readonly #source: Source
  readonly #showHidden: boolean
  readonly #isXml: boolean
  readonly #outer: {
    readonly blocks: Blocks
    readonly inline: Inline
    readonly heading: number
    readonly url: string | undefined
  }[] = []
  readonly #unending = new Set<string>()
  #inline = new Inline()
  #url: string | undefined
  #base: string | undefined
  #svg = 0
  #raised = false
  #language = ''
  /** Where the attributes of the blocks are that were opened since the last text: one may name the code's language. */
  readonly #around: number[] = []
  #pre: string | undefined
  blocks: Blocks
  /** Level of the heading that is open; 0 for none. */
  heading = 0
  look = 0

  constructor(source: Source, maxChars: number, showHidden: boolean) {
    this.#source = source
    this.#showHidden = showHidden
    this.#isXml = source.chars.slice(0, 200).trimStart().startsWith('<?xml')
    this.blocks = new Blocks(maxChars)
  }

  get inPre(): boolean {
    return this.#pre !== undefined
  }

  finish(): string {
    this.endHeading()
    this.paragraph()
    return this.blocks.toString()
  }

  text(from: number, to: number): void {
    if (this.#pre !== undefined) {
      this.#pre += decodeHTML(this.#source.slice(from, to))
      return
    }
    const { bytes } = this.#source
    let at = from
    while (at < to && isSpace(bytes[at]!)) at++
    if (at === to) this.space()
    else {
      this.#before(bytes[from]!)
      this.#inline.raw(this.#source, from, to, this.look, this.#url)
    }
  }

  space(): void {
    this.#inline.space(this.look, this.#url)
  }

  block(from: number, to: number): void {
    this.paragraph()
    if (to - from > 15) this.#around.push(from, to)
  }

  /** Ends the paragraph; the blocks within a heading are one line. */
  paragraph(): void {
    if (this.heading > 0) {
      this.space()
      return
    }
    if (this.#inline.length === 0) return
    const text = this.#inline.take()
    if (text === '') return
    this.#language = ''
    this.#around.length = 0
    this.blocks.block(safeStart(text))
    // A card that is a link as a whole is linked once.
    this.#url = undefined
  }

  endHeading(): void {
    const level = this.heading
    this.heading = 0
    if (level === 0) return
    const { plain, markdown } = this.#inline.takeHeading()
    if (plain === '') return
    this.blocks.block(`${'#'.repeat(level)} ${markdown.length > maxHeading ? plain : markdown}`, plain)
    this.blocks.structured = true
  }

  endBlocks(depth: number): void {
    this.paragraph()
    this.blocks.closeTo(depth)
  }

  /** Into a cell. */
  enter(blocks: Blocks): void {
    this.#outer.push({ blocks: this.blocks, inline: this.#inline, heading: this.heading, url: this.#url })
    this.blocks = blocks
    this.#inline = new Inline()
    this.heading = 0
    this.look = 0
    this.#url = undefined
  }

  leave(): void {
    this.paragraph()
    const outer = this.#outer.pop()
    if (outer === undefined) return
    this.blocks = outer.blocks
    this.#inline = outer.inline
    this.heading = outer.heading
    this.#url = outer.url
  }

  openFormat({ kind, look }: Tag, from: number, to: number): void {
    if (kind === 'look') this.look |= look
    else if (kind === 'link') this.#url = this.#target(attribute(this.#source, from, to, 'href'))
    else if (kind === 'sup') this.#raised = true
    else this.#inline.markdown(kind === 'ruby' ? '(' : '"', this.#url)
  }

  closeFormat(kind: Kind, look: number): void {
    if (kind === 'look') this.look = look
    else if (kind === 'link') this.#url = undefined
    else if (kind === 'sup') this.#raised = false
    else this.#inline.markdown(kind === 'ruby' ? ')' : '"', this.#url)
  }

  openPre(from: number, to: number): void {
    const around = this.#around
    let language = languageIn(this.#source, from, to)
    for (let n = around.length - 2; n >= 0 && language === undefined; n -= 2)
      language = languageIn(this.#source, around[n]!, around[n + 1]!)
    around.length = 0
    this.#language = language ?? this.#language
    this.#pre = ''
  }

  openInPre(name: string, kind: Kind, from: number, to: number): number | undefined {
    if (kind === 'raw' || kind === 'hidden') return this.#skip(name, to + 1)
    if (kind === 'break' || (kind === 'block' && !this.#pre!.endsWith('\n') && this.#pre !== '')) this.#pre += '\n'
    else if (name === 'code' && this.#pre!.trim() === '') {
      this.#language = languageIn(this.#source, from, to) ?? this.#language
    }
    return undefined
  }

  endPre(): void {
    const text = (this.#pre ?? '').replaceAll('\u00a0', ' ').replaceAll('\r\n', '\n')
    this.#pre = undefined
    const body = (text.startsWith('\n') ? text.slice(1) : text).trimEnd()
    if (body.trim() !== '') {
      this.blocks.block(fenced(body, this.#language).trimEnd(), `\`${body.trim()}\``)
      if (body.includes('\n')) this.blocks.structured = true
    }
    this.#language = ''
  }

  /** Elements without content of their own, and those whose content is no markup. */
  single(name: string, kind: Kind, from: number, to: number, closed: boolean): number | undefined {
    switch (kind) {
      case 'break':
        if (this.heading > 0) this.space()
        else this.#inline.lineBreak(this.look, this.#url)
        return undefined
      case 'rule':
        this.endHeading()
        this.paragraph()
        this.blocks.block('---', '')
        return undefined
      case 'image':
        this.#image(from, to)
        return undefined
      case 'apart':
        this.space()
        if (name === 'svg' && !closed) this.#svg++
        return undefined
      case 'field':
        this.#field(from, to)
        return undefined
      case 'math':
        return this.#math(from, to)
      case 'base':
        this.#base ??= baseOf(attribute(this.#source, from, to, 'href'))
        return undefined
      case 'frame':
        this.#frame(from, to)
        return undefined
      case 'plain': {
        const end = this.#end(name, to + 1) ?? this.#source.chars.length
        this.space()
        this.#write(decodeHTML(this.#source.slice(to + 1, end)))
        this.space()
        return end
      }
      case 'hidden':
        return this.#showHidden && name !== 'rp' ? undefined : this.#skip(name, to + 1)
      case 'raw':
        if (name === 'title' && this.#svg > 0) {
          this.space()
          return undefined
        }
        return closed && (this.#isXml || this.#svg > 0) ? undefined : this.#skip(name, to + 1)
      default:
        return undefined
    }
  }

  /** An end tag of what is not kept track of. */
  close(name: string, kind: Kind): void {
    if (this.#pre !== undefined) return
    if (kind === 'block' || kind === 'caption') this.paragraph()
    else if (kind === 'apart' || name === 'title') this.space()
    else if (kind === 'break') this.#inline.lineBreak(this.look, this.#url)
    if (name === 'svg' && this.#svg > 0) this.#svg--
  }

  #write(text: string): void {
    this.#before(text.charCodeAt(0))
    this.#inline.text(text, this.look, this.#url)
  }

  #before(first: number): void {
    if (this.#raised) {
      this.#raised = false
      if (first >= 48 && first <= 57 && this.#inline.endsInWord) this.#inline.markdown('^', this.#url)
    }
    if (this.heading > 0 && this.#inline.length > maxHeading) {
      this.heading = 0
      this.paragraph()
    }
  }

  #image(from: number, to: number): void {
    const alt = attribute(this.#source, from, to, 'alt')
    if (alt === undefined || alt.trim() === '') return
    const text = collapse(decodeHTMLAttribute(alt)).trim()
    // Formulas have their picture beside them.
    if (text === '' || attribute(this.#source, from, to, 'class')?.startsWith('mwe-math') === true) return
    if (this.#url !== undefined || this.heading > 0) {
      this.#write(text)
      return
    }
    const sources = ['src', 'data-src'].map((name) => this.#target(attribute(this.#source, from, to, name)))
    const shown = text.slice(0, maxUrl).replace(/[[\]]/g, '\\$&')
    this.#inline.markdown(`![${shown}](${sources.find((source) => source !== undefined) ?? ''})`, undefined)
  }

  /** What was filled in, and what buttons say. */
  #field(from: number, to: number): void {
    const type = (attribute(this.#source, from, to, 'type') ?? 'text').toLowerCase()
    if (type === 'checkbox' && this.blocks.depth > 0 && this.#inline.length === 0) {
      const isChecked = attribute(this.#source, from, to, 'checked') !== undefined
      this.#inline.markdown(isChecked ? '[x] ' : '[ ] ', undefined)
      return
    }
    this.space()
    if (['hidden', 'password', 'checkbox', 'radio', 'file', 'image'].includes(type)) return
    const value = attribute(this.#source, from, to, 'value')
    if (value !== undefined && value !== '') this.#write(decodeHTMLAttribute(value))
    this.space()
  }

  /** Formulas as TeX where they have it, else on one line. What stands beside them may only say that there is one. */
  #math(from: number, to: number): number | undefined {
    const end = this.#end('math', to + 1)
    if (end === undefined) return undefined
    const source = this.#source.slice(to + 1, end)
    const at = source.indexOf('application/x-tex')
    const start = at === -1 ? -1 : source.indexOf('>', at) + 1
    const beside = decodeHTML(attribute(this.#source, from, to, 'alttext') ?? '').trim()
    const tex =
      start > 0 ? decodeHTML(source.slice(start, source.indexOf('<', start))) : likeTex.test(beside) ? beside : ''
    if (tex.trim() !== '') this.#inline.markdown(`$${collapse(tex).trim()}$`, this.#url)
    else this.#write(formulaText(source) || beside)
    return end
  }

  #frame(from: number, to: number): void {
    const url = this.#target(attribute(this.#source, from, to, 'src'))
    const name = attribute(this.#source, from, to, 'title') ?? attribute(this.#source, from, to, 'name')
    if (url === undefined) return
    this.paragraph()
    this.#inline.text(decodeHTMLAttribute(name ?? url), 0, url)
    this.paragraph()
  }

  /** Where a link goes; undefined where it goes nowhere. */
  #target(raw: string | undefined): string | undefined {
    if (raw === undefined || raw === '' || raw.length > maxUrl * 4) return undefined
    const url = (raw.includes('&') ? decodeHTMLAttribute(raw) : raw).trim()
    if (url === '' || url === '#' || url.length > maxUrl || nowhere.test(url)) return undefined
    if (url.startsWith('//')) return safeAddress(`https:${url}`)
    const whole = this.#base !== undefined && !url.startsWith('#') ? (URL.parse(url, this.#base)?.href ?? url) : url
    return safeAddress(whole)
  }

  /** Past an element; of one that never ends, only scripts and styles hide the rest. */
  #skip(name: string, at: number): number | undefined {
    return this.#end(name, at) ?? (name === 'script' || name === 'style' ? this.#source.chars.length : undefined)
  }

  /** Where the end tag begins. */
  #end(name: string, from: number): number | undefined {
    if (this.#unending.has(name)) return undefined
    const source = this.#source.chars
    for (let at = source.indexOf('</', from); at !== -1; at = source.indexOf('</', at + 2)) {
      if (isNamed(source, at + 2, name)) return at
    }
    this.#unending.add(name)
    return undefined
  }
}
