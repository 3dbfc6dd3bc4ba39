import { SaxesParser } from 'saxes'
import type { Format, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { decodeText } from '../text.ts'

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
    const out: string[] = []
    const open: string[] = []
    let length = 0
    let text = ''
    let label = ''
    let title: string | undefined
    let broken: string | undefined
    const write = (line: string): void => {
      length += line.length
      if (length > limits.maxOutputChars) {
        throw new FormatError(
          'output_too_large',
          `The document has more than ${limits.maxOutputChars} characters of text.`,
        )
      }
      out.push(line)
    }
    const flush = (): void => {
      const words = text.trim()
      text = ''
      if (words === '') return
      const name = open.at(-1) ?? ''
      if (title === undefined && titleElements.has(name.toLowerCase())) title = words.slice(0, 300)
      // A value is told what it is; running text under the same element is not told again.
      write(name === label ? `${words}\n` : `\n${name}: ${words}\n`)
      label = name
    }
    const parser = new SaxesParser({ position: false })
    // saxes knows only the five built-in entities: those a document declares are never expanded.
    parser.on('error', (error) => {
      broken ??= error.message
    })
    parser.on('opentag', ({ name, attributes }) => {
      flush()
      if (open.length >= limits.maxDepth) {
        throw new FormatError('corrupt', `Elements are nested deeper than ${limits.maxDepth}.`)
      }
      open.push(name)
      for (const key in attributes) {
        const value = attributes[key]
        if (typeof value === 'string' && value !== '' && key !== 'xmlns' && !key.startsWith('xmlns:')) {
          write(`\n${name} ${key}: ${value}\n`)
          label = ''
        }
      }
    })
    parser.on('closetag', () => {
      flush()
      open.pop()
    })
    parser.on('text', (part) => {
      text += part
    })
    parser.on('cdata', (part) => {
      text += part
    })
    try {
      parser.write(source).close()
    } catch (error) {
      if (error instanceof FormatError) throw error
      broken ??= error instanceof Error ? error.message : 'not XML'
    }
    flush()
    if (out.length === 0 && broken !== undefined) throw new FormatError('corrupt', `The XML cannot be read: ${broken}`)
    return {
      markdown: out.join('').trimStart(),
      ...(title !== undefined && { title }),
      ...(broken !== undefined && { metadata: { warning: `not well-formed: ${broken.slice(0, 200)}` } }),
    }
  },
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1')
  const at = head.startsWith('<?xml') ? head.indexOf('encoding=') : -1
  const quote = head[at + 9]
  const end = at === -1 || quote === undefined ? -1 : head.indexOf(quote, at + 10)
  return end === -1 ? undefined : head.slice(at + 10, end)
}
