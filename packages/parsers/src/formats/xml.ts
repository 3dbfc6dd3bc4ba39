import { SaxesParser } from 'saxes'
import { BoundedText } from '../bounded-text.ts'
import type { Format, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { htmlToMarkdown } from '../html/index.ts'
import { safeStart } from '../html/inline.ts'
import { decodeText } from '../text.ts'
import { Entities } from '../xml/entities.ts'
import { XmlProse } from '../xml/prose.ts'
import { isProse } from '../xml/prose-names.ts'
import { isDocument, isJoined, type Role, roleOf } from '../xml/vocabulary.ts'

const titleElements = new Set(['title', 'name', 'article-title'])

export const xml: Format = {
  name: 'xml',
  mimeTypes: ['application/xml', 'text/xml', 'application/rss+xml', 'application/atom+xml', 'image/svg+xml'],
  extensions: [
    'xml',
    'rss',
    'atom',
    'xsd',
    'xsl',
    'xslt',
    'wsdl',
    'svg',
    'nxml',
    'kml',
    'gpx',
    'plist',
    'xliff',
    'resx',
  ],
  async parse({ bytes, limits }): Promise<FormatOutput> {
    const source = await decodeText(bytes, declaredEncoding(bytes))
    let text: XmlText | XmlProse | undefined
    let broken: string | undefined
    const parser = new SaxesParser({ position: false })
    const entities = new Entities()
    parser.ENTITIES = entities.table
    parser.on('doctype', (doctype) => entities.declare(doctype))
    // An error object for each of a damaged document's thousands costs more than the rest of it.
    parser.fail = (message) => {
      broken ??= message
      return parser
    }
    parser.on('opentag', ({ name, attributes }) => {
      text ??= isProse(name) ? new XmlProse(limits) : new XmlText(limits.maxOutputChars, limits.maxDepth)
      text.open(name, attributes)
    })
    parser.on('closetag', () => text?.close())
    parser.on('text', (part) => text?.add(part))
    parser.on('cdata', (part) => text?.add(part))
    try {
      parser.write(source).close()
    } catch (error) {
      if (error instanceof FormatError) throw error
      broken ??= error instanceof Error ? error.message : 'not XML'
    }
    const { metadata, ...output } = text?.finish() ?? { markdown: '' }
    if (output.markdown === '' && broken !== undefined)
      throw new FormatError('corrupt', `The XML cannot be read: ${broken}`)
    const warning = broken === undefined ? undefined : `not well-formed: ${broken.slice(0, 200)}`
    const facts = { ...metadata, ...(warning !== undefined && { warning }) }
    return { ...output, ...(Object.keys(facts).length > 0 && { metadata: facts }) }
  },
}

/** Documents as their headings and paragraphs, all else as names and values, a record a block. */
class XmlText {
  readonly #out: BoundedText
  readonly #maxDepth: number
  readonly #open: { readonly name: string; readonly role: Role | undefined; wrote: boolean }[] = []
  readonly #roles = new Map<string, Role | undefined>()
  #text = ''
  /** Names whose value comes next: a property list has them as elements. */
  #key = ''
  #label = ''
  /** Elements open when the paragraph began; 0 outside one. */
  #paragraph = 0
  #sections = 0
  #binary = 0
  #isDocument = false
  #isFeed = false
  #ended = ''
  #hasTitle = false
  #title: string | undefined

  constructor(maxChars: number, maxDepth: number) {
    this.#out = new BoundedText(maxChars)
    this.#maxDepth = maxDepth
  }

  add(part: string): void {
    if (this.#binary === 0) this.#text += part
  }

  open(name: string, attributes: Readonly<Record<string, unknown>>): void {
    const depth = this.#open.length
    if (depth === 0) {
      this.#isDocument = isDocument(name)
      this.#isFeed = name === 'feed'
    }
    if (depth >= this.#maxDepth) {
      throw new FormatError('corrupt', `Elements are nested deeper than ${this.#maxDepth}.`)
    }
    const role = this.#roleOf(name)
    if (role === 'binary') this.#binary++
    if (this.#paragraph > 0) {
      // What stands in a sentence is part of it.
      if (!isJoined(name, role)) this.#text += ' '
      this.#open.push({ name, role, wrote: false })
      return
    }
    const isInline = role === 'inline' && this.#text.trim() !== ''
    if (!isInline) this.#flush()
    this.#open.push({ name, role, wrote: false })
    if (role === 'section') this.#sections++
    else if (role === 'paragraph' || role === 'title' || isInline) this.#paragraph = this.#open.length
    this.#attributes(name, attributes)
  }

  #roleOf(name: string): Role | undefined {
    if (!this.#roles.has(name)) {
      this.#roles.set(name, roleOf(name, { isDocument: this.#isDocument, isFeed: this.#isFeed }))
    }
    return this.#roles.get(name)
  }

  close(): void {
    const depth = this.#open.length
    const closed = this.#open.at(-1)
    if (closed === undefined) return
    if (this.#paragraph > 0 && depth > this.#paragraph) {
      if (!isJoined(closed.name, closed.role)) this.#text += ' '
      if (closed.role === 'binary') this.#binary--
      this.#open.pop()
      return
    }
    const wasInline = this.#paragraph === depth && closed.role === 'inline'
    this.#paragraph = 0
    if (!wasInline) this.#flush()
    this.#open.pop()
    if (closed.role === 'section') this.#sections--
    else if (closed.role === 'binary') this.#binary--
    if (closed.wrote) {
      // One with elements inside ends a record.
      const parent = this.#open.at(-1)
      if (parent !== undefined) parent.wrote = true
      this.#ended = '\n'
      this.#label = ''
    }
  }

  finish(): FormatOutput {
    this.#flush()
    const title = this.#title
    return { markdown: this.#out.toString(), ...(title !== undefined && { title }) }
  }

  #attributes(name: string, attributes: Readonly<Record<string, unknown>>): void {
    let line = ''
    for (const key in attributes) {
      const value = attributes[key]
      if (
        typeof value !== 'string' ||
        value === '' ||
        key.startsWith('xmlns') ||
        key === 'xml:space' ||
        key.startsWith('xsi:')
      )
        continue
      if (this.#isDocument && (key !== 'href' || attributes.rel === 'self')) continue
      line += line === '' ? `${key}: ${value}` : `, ${key}: ${value}`
    }
    if (line === '') return
    this.#line(`${name} ${line}`)
    this.#label = ''
  }

  #flush(): void {
    const words = this.#text.trim()
    this.#text = ''
    const open = this.#open.at(-1)
    if (words === '' || open === undefined) return
    const { name, role } = open
    const text = role === 'paragraph' && !words.includes('</') ? oneLine(words) : inner(words)
    if (this.#title === undefined && titleElements.has(name.toLowerCase()))
      this.#title = text.split(/\s+/).join(' ').slice(0, 300)
    const isFirst = name === 'article-title' && !this.#hasTitle
    if (isFirst || (role === 'title' && this.#open.at(-2)?.role === 'section')) {
      this.#hasTitle = true
      this.#block(`${'#'.repeat(Math.min(Math.max(this.#sections, 1), 6))} ${oneLine(text)}`)
    } else if (role === 'paragraph' || role === 'title' || (role === 'inline' && name !== 'link'))
      this.#block(safeStart(text))
    else if (name === 'key') {
      this.#key = text
      return
    } else {
      const label = this.#key === '' ? name : this.#key
      this.#key = ''
      // A value is told what it is; running text under the same element is not told again.
      this.#line(label === this.#label ? text : `${label}: ${text}`)
      this.#label = label
      return
    }
    this.#label = ''
  }

  #block(text: string): void {
    this.#write(text, '\n\n')
    this.#ended = '\n'
  }

  #line(text: string): void {
    const isLong = text.includes('\n')
    this.#write(text, isLong ? '\n\n' : `\n${this.#ended}`)
    this.#ended = isLong ? '\n' : ''
  }

  #write(text: string, before: string): void {
    const parent = this.#open.at(-2)
    if (parent !== undefined) parent.wrote = true
    this.#out.append(this.#out.length === 0 ? text : before + text)
  }
}

const markup = /<(\/|br|p>|img)/i

/** Feeds keep their pages as text. */
function inner(text: string): string {
  return markup.test(text) ? htmlToMarkdown(text) : text
}

function oneLine(text: string): string {
  return text.split(/\s+/).join(' ')
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1')
  const at = head.startsWith('<?xml') ? head.indexOf('encoding=') : -1
  const quote = head[at + 9]
  const end = at === -1 || quote === undefined ? -1 : head.indexOf(quote, at + 10)
  return end === -1 ? undefined : head.slice(at + 10, end)
}
