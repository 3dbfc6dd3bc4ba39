import { bold, code, italic, struck } from './elements.ts'
import type { Source } from './source.ts'
import { plainProse, proseOf } from './text.ts'

interface Run {
  text: string
  readonly look: number
  readonly url: string | undefined
}

/** The text of one paragraph, cell or heading, put together as Markdown at its end. */
export class Inline {
  #runs: Run[] = []
  #last: Run | undefined
  /** Whether white space that comes next says nothing: at the beginning, and behind other space. */
  #spaced = true
  #chars = 0

  get length(): number {
    return this.#chars
  }

  get endsInWord(): boolean {
    return isWordChar(this.#last?.text.slice(-1) ?? '')
  }

  /** The raw text between two places of a page. */
  raw(source: Source, from: number, to: number, look: number, url: string | undefined): void {
    this.#words(proseOf(source, from, to, this.#spaced, (look & code) !== 0), look, url)
  }

  /** Text that is decoded already. */
  text(text: string, look: number, url: string | undefined): void {
    this.#words(plainProse(text, this.#spaced, (look & code) !== 0), look, url)
  }

  space(look: number, url: string | undefined): void {
    if (this.#spaced) return
    this.#spaced = true
    this.#add(' ', look, url)
  }

  /** Markdown as it is. */
  markdown(markdown: string, url: string | undefined): void {
    if (markdown === '') return
    this.#spaced = false
    this.#add(markdown, 0, url)
  }

  lineBreak(look: number, url: string | undefined): void {
    if (this.#chars === 0) return
    this.#spaced = true
    this.#add('\n', look, url)
  }

  /**
   * Of a heading: its words, and the same with its links. Emphasis is left out, and so are links within the page, which
   * most often lead from the heading to itself.
   */
  takeHeading(): { readonly plain: string; readonly markdown: string } {
    let plain = ''
    let markdown = ''
    let label = ''
    const runs = this.#runs
    for (const [at, { text, url }] of runs.entries()) {
      const isInside = url?.startsWith('#') === true
      const words = isInside && !wordChar.test(text) ? '' : text
      plain += words
      label += words
      if (at + 1 < runs.length && runs[at + 1]!.url === url) continue
      markdown += url === undefined || isInside ? label : link(label, url)
      label = ''
    }
    this.#clear()
    return { plain: oneLine(plain), markdown: oneLine(markdown) }
  }

  take(): string {
    const runs = this.#runs
    let text = ''
    if (runs.length === 1 && runs[0]!.look === 0 && runs[0]!.url === undefined) text = runs[0]!.text
    else {
      // Long paragraphs are put together once: asking a growing string for its last character copies it.
      const parts: string[] = []
      let last = ''
      let wasLink = false
      for (let at = 0; at < runs.length; ) {
        const { url } = runs[at]!
        let label = ''
        do {
          const run = styled(runs[at]!, last, runs[at + 1]?.text[0])
          if (url === undefined) parts.push(run)
          else label += run
          if (run !== '') last = run[run.length - 1]!
          at++
        } while (at < runs.length && runs[at]!.url === url)
        if (url !== undefined) {
          // Bars of links are kept apart by their looks only.
          if (wasLink) parts.push(' ')
          parts.push(link(label, url))
          last = ')'
        }
        wasLink = url !== undefined
      }
      text = parts.join('')
    }
    this.#clear()
    const whole = text.trim()
    return whole.includes('\n') ? hardBreaks(whole) : whole
  }

  #words(words: string, look: number, url: string | undefined): void {
    if (words === '') return
    this.#spaced = words.charCodeAt(words.length - 1) === 32
    this.#add(words, look, url)
  }

  #clear(): void {
    this.#runs = []
    this.#last = undefined
    this.#spaced = true
    this.#chars = 0
  }

  #add(text: string, look: number, url: string | undefined): void {
    this.#chars += text.length
    const last = this.#last
    if (last !== undefined && last.look === look && last.url === url) last.text += text
    else {
      this.#last = { text, look, url }
      this.#runs.push(this.#last)
    }
  }
}

const wordChar = /[\p{L}\p{N}]/u

/** The same of one character, or of none. */
function isWordChar(char: string): boolean {
  const code = char.charCodeAt(0)
  if (code > 127) return wordChar.test(char)
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
}

/** Marks only whole words: `**fo**o` would split the word for a search. */
function styled({ text, look }: Run, before: string, next: string | undefined): string {
  if (look === 0) return text
  const inner = text.trim()
  if (inner === '') return text
  const start = text.indexOf(inner)
  const end = start + inner.length
  if ((look & code) !== 0) return `${text.slice(0, start)}${codeSpan(inner)}${text.slice(end)}`
  const left = start > 0 ? ' ' : before
  const right = end < text.length ? ' ' : (next ?? '')
  if (inner.includes('\n') || /[*~]/.test(left + right) || isWordChar(left) || isWordChar(right)) return text
  const marks = `${(look & struck) !== 0 ? '~~' : ''}${'***'.slice(0, (look & bold ? 2 : 0) + (look & italic ? 1 : 0))}`
  return `${text.slice(0, start)}${marks}${inner}${[...marks].reverse().join('')}${text.slice(end)}`
}

function codeSpan(text: string): string {
  if (!text.includes('`')) return `\`${text}\``
  let longest = 0
  for (let at = text.indexOf('`'); at !== -1; at = text.indexOf('`', at)) {
    const start = at
    while (text.charCodeAt(at) === 96) at++
    longest = Math.max(longest, at - start)
  }
  const fence = '`'.repeat(longest + 1)
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${text}${pad}${fence}`
}

function link(label: string, url: string): string {
  const text = label.trim()
  if (text === '') return label === '' ? '' : ' '
  const shown = text === url ? text : `[${text.includes('\n') ? text.replaceAll('\n', ' ') : text}](${url})`
  return `${label.charCodeAt(0) <= 32 ? ' ' : ''}${shown}${label.charCodeAt(label.length - 1) <= 32 ? ' ' : ''}`
}

function oneLine(text: string): string {
  return text.includes('\n') ? text.split(/\s+/).join(' ').trim() : text.trim()
}

/** Two spaces end a line for good. A line that looks like a heading is none. */
function hardBreaks(text: string): string {
  return text
    .split('\n')
    .map((line) => safeStart(line.trim()))
    .join('  \n')
}

const blockStart = /^(#{1,6}(?= |$)|>|[-+](?= |$)|```|~~~|={3,}$|-{3,}$)/
const numbered = /^(\d{1,9})([.)])(?= |$)/

/** A paragraph that happens to begin like a heading, an item, a quotation or a fence is none. */
export function safeStart(text: string): string {
  const first = text.charCodeAt(0)
  if (first > 62 && first !== 126 && first !== 96) return text
  if (blockStart.test(text)) return `\\${text}`
  return first >= 48 && first <= 57 ? text.replace(numbered, '$1\\$2') : text
}
