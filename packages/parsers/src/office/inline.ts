import { FormatError } from '../format.ts'

/** Bits of a run's look. */
export const bold = 1
export const italic = 2

interface Segment {
  text: string
  readonly look: number
  readonly url: string | undefined
}

const maxChars = 20_000_000

/** The text of one paragraph with its emphasis and links, put together as Markdown at its end. */
export class Inline {
  readonly #segments: Segment[] = []
  #last: Segment | undefined
  #length = 0
  url: string | undefined

  add(text: string, look = 0): void {
    this.#length += text.length
    if (this.#length > maxChars)
      throw new FormatError(
        'output_too_large',
        `One paragraph in it is over ${maxChars.toLocaleString('en')} characters`,
      )
    const last = this.#last
    if (last && last.look === look && last.url === this.url) last.text += text
    else {
      this.#last = { text, look, url: this.url }
      this.#segments.push(this.#last)
    }
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0
  }

  /** Without emphasis: headings, cells of a header. */
  plain(): string {
    return this.#join(false)
  }

  toString(): string {
    return this.#join(true)
  }

  #join(emphasis: boolean): string {
    const segments = this.#segments
    if (segments.length === 1 && segments[0]!.url === undefined && (!emphasis || segments[0]!.look === 0))
      return segments[0]!.text
    let out = ''
    for (let at = 0; at < segments.length; ) {
      const { url } = segments[at]!
      let text = ''
      do {
        const segment = segments[at]!
        const before = text === '' ? out : text
        text += emphasis ? emphasise(segment, before.slice(-1), segments[at + 1]?.text[0]) : segment.text
        at++
      } while (at < segments.length && segments[at]!.url === url)
      out += url === undefined ? text : link(text, url)
    }
    return out
  }
}

const wordChar = /[\p{L}\p{N}]/u

/** Marks only whole words: `**fo**o` would split the word for a search. */
function emphasise({ text, look }: Segment, before: string, next: string | undefined): string {
  if (look === 0) return text
  const inner = text.trim()
  if (inner === '' || inner.includes('\n') || inner.includes('*')) return text
  const start = text.indexOf(inner)
  const end = start + inner.length
  const left = start > 0 ? ' ' : before
  const right = end < text.length ? ' ' : (next ?? '')
  if ((left !== '' && (wordChar.test(left) || left === '*')) || (right !== '' && wordChar.test(right))) return text
  const mark = '***'.slice(0, look === 3 ? 3 : look === bold ? 2 : 1)
  return `${text.slice(0, start)}${mark}${inner}${mark}${text.slice(end)}`
}

/** Where it leads nowhere outside the document, or to no place at all. */
const dangling = /^(#|(javascript|data|vbscript):)/i

/** A picture stays one inside a link. */
const picturesAndBrackets = /!\[[^[\]]*\]\(image\)|[[\]]/g

function link(text: string, url: string): string {
  const label = text.trim()
  if (label === '' || dangling.test(url)) return text
  if (label === url) return text
  const space = text.startsWith(' ') ? ' ' : ''
  const target = url
    .slice(0, 2000)
    .replace(/[\s()<>]/g, (char) => encodeURIComponent(char).replace('(', '%28').replace(')', '%29'))
  const escaped = label.replace(picturesAndBrackets, (found) => (found.length > 1 ? found : `\\${found}`))
  return `${space}[${escaped}](${target})${text.endsWith(' ') ? ' ' : ''}`
}
