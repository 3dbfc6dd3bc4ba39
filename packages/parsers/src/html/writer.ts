import { BoundedText } from '../bounded-text.ts'

interface Container {
  /** Before its first line, and before all others. */
  readonly first: string
  readonly rest: string
  begun: boolean
}

/** Blocks one below the other, inside lists and quotations: of a page, or of one cell. */
export class Blocks {
  readonly #out: BoundedText
  readonly #open: Container[] = []
  /** Text of each block without its marks, for a cell that has to fit on one line. */
  readonly #plain: string[] | undefined
  #tight = false
  #last = ''
  /** Whether there are headings, tables, quotations or code. */
  structured = false
  listed = false
  count = 0

  constructor(maxChars: number, cell = false) {
    this.#out = new BoundedText(maxChars)
    this.#plain = cell ? [] : undefined
  }

  get length(): number {
    return this.#out.length
  }

  get depth(): number {
    return this.#open.length
  }

  openItem(marker: string): void {
    this.listed = true
    // Deeper than that, indenting would cost more than the text.
    const level = this.#open.length > 12 ? '' : ' '.repeat(marker.length + 1)
    this.#open.push({ first: `${marker} `, rest: level, begun: false })
  }

  /** A list right inside a list. */
  openIndent(): void {
    this.#open.push({ first: '  ', rest: this.#open.length > 12 ? '' : '  ', begun: true })
  }

  openQuote(): void {
    this.structured = true
    const mark = this.#open.length > 12 ? '' : '> '
    this.#open.push({ first: mark, rest: mark, begun: true })
  }

  closeTo(depth: number): void {
    this.#open.length = Math.min(depth, this.#open.length)
  }

  /** `plain` is what a line of a table would hold; by default the same. */
  block(markdown: string, plain: string = markdown): void {
    if (markdown === '') return
    this.count++
    if (plain !== '') this.#plain?.push(plain)
    let first = ''
    let rest = ''
    let begins = false
    for (const container of this.#open) {
      if (!container.begun) begins = true
      first += container.begun ? container.rest : container.first
      rest += container.rest
      container.begun = true
    }
    const text = rest !== '' && markdown.includes('\n') ? indented(markdown, rest) : markdown
    if (this.#out.length > 0) this.#out.append(this.#separator(begins, rest))
    this.#out.append(first + text)
    this.#tight = this.#open.length > 0
    this.#last = rest
  }

  /** On one line. */
  flat(): string {
    return (this.#plain ?? []).join(' ')
  }

  toString(): string {
    return this.#out.toString()
  }

  /** Items follow each other without a blank line; within a quotation that line is marked as well. */
  #separator(begins: boolean, rest: string): string {
    if (begins && this.#tight) return '\n'
    let common = 0
    while (common < rest.length && rest[common] === this.#last[common]) common++
    return `\n${rest.slice(0, common).trimEnd()}\n`
  }
}

function indented(text: string, prefix: string): string {
  const bare = prefix.trimEnd()
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? line : line === '' ? bare : prefix + line))
    .join('\n')
}
