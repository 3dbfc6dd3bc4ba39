import { BoundedText } from '../bounded-text.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput, type Limits } from '../format.ts'
import { htmlToMarkdown } from '../html/index.ts'
import { pictureMark } from '../office/drawing.ts'
import { resolvePath, scanPart } from '../office/package.ts'
import { makeProperties, type Properties } from '../office/properties.ts'
import { attr } from '../office/xml.ts'
import { decodeText } from '../text.ts'
import { openZip, type Zip } from '../zip.ts'

/** Electronic books (EPUB 2 and 3): their chapters in reading order. */
export const epub: Format = {
  name: 'epub',
  mimeTypes: ['application/epub+zip'],
  extensions: ['epub'],
  parse,
}

async function parse({ bytes, limits }: FormatInput): Promise<FormatOutput> {
  const zip = openZip(bytes, limits)
  const locked = lockedPaths(zip, limits)
  const { spine, contents, properties } = readPackage(zip, limits)
  const out = new BoundedText(limits.maxOutputChars)
  const write = (text: string): void => {
    if (text !== '') out.append(out.length === 0 ? text : `\n\n${text}`)
  }
  const damaged: string[] = []
  let aside = ''
  let found = 0
  for (const path of spine) {
    const entry = zip.find(path) ?? zip.find(decodePath(path))
    if (!entry) continue
    if (locked.has(entry.path))
      throw new FormatError('encrypted', 'The book is protected (DRM): its chapters are encrypted')
    found++
    try {
      const source = withoutInnerLinks(await decodeText(zip.read(entry)))
      const text = htmlToMarkdown(source, limits.maxOutputChars).trim()
      if (path === contents) aside = text
      else write(text)
    } catch (error) {
      if (!(error instanceof FormatError) || error.code !== 'corrupt') throw error
      damaged.push(entry.path)
    }
  }
  if (found === 0) throw new FormatError('corrupt', 'None of the chapters it lists can be found')
  if (damaged.length === found) throw new FormatError('corrupt', 'None of its chapters can be unpacked')
  // The names of chapters stand over them, and need not be read twice; where they are pictures, this is all there is.
  if (!/^#/m.test(out.toString())) write(aside)
  const metadata = { ...properties.metadata, chapters: found, ...(damaged.length > 0 ? { damaged } : {}) }
  return { ...properties, markdown: out.toString(), metadata }
}

interface Book {
  /** Paths of what is read, in order. */
  readonly spine: readonly string[]
  /** The one that is the table of contents. */
  readonly contents: string | undefined
  readonly properties: Properties
}

const readable = /html|xml|^text\//i

/** The package document lists all files (manifest) and those that are read one after the other (spine). */
function readPackage(zip: Zip, limits: Limits): Book {
  let path: string | undefined
  scanPart(zip, 'META-INF/container.xml', limits, {
    open(name, attrs) {
      if (name === 'rootfile') path ??= attr(attrs, 'full-path')
      return undefined
    },
  })
  const root =
    path !== undefined && zip.find(path) ? path : zip.entries.find((entry) => entry.path.endsWith('.opf'))?.path
  const folder = root?.slice(0, root.lastIndexOf('/') + 1) ?? ''
  const items = new Map<string, { readonly path: string; readonly type: string; readonly fallback: string }>()
  const ids: string[] = []
  const values = new Map<string, string[]>()
  let contents: string | undefined
  let key = ''
  scanPart(zip, root, limits, {
    open(name, attrs) {
      key = name
      if (name === 'item') {
        const own = resolvePath(folder, (attr(attrs, 'href') ?? '').split('#', 1)[0]!)
        const type = attr(attrs, 'media-type') ?? 'text/html'
        items.set(attr(attrs, 'id') ?? '', { path: own, type, fallback: attr(attrs, 'fallback') ?? '' })
        if (attr(attrs, 'properties')?.split(' ').includes('nav')) contents = own
      } else if (name === 'itemref') ids.push(attr(attrs, 'idref') ?? '')
      else if (name === 'meta' && attr(attrs, 'property') === 'dcterms:modified') key = 'modified'
      else if (name === 'date' && attr(attrs, 'event') === 'modification') key = 'modified'
      const list = values.get(key)
      if (!list) values.set(key, [''])
      else if (list.length < 50) list.push('')
      return undefined
    },
    text(text) {
      const list = values.get(key)
      const last = list?.at(-1)
      if (list && last !== undefined && last.length < 4000) list[list.length - 1] = last + text
    },
    close() {
      key = ''
    },
  })
  const all = (name: string): string[] => (values.get(name) ?? []).map((each) => each.trim()).filter(Boolean)
  const joined = (name: string): string | undefined => [...new Set(all(name))].join(', ') || undefined
  const properties = makeProperties({
    title: all('title')[0],
    author: joined('creator'),
    language: all('language')[0],
    createdAt: all('date')[0],
    updatedAt: all('modified')[0],
    extra: {
      publisher: joined('publisher'),
      description: all('description')[0],
      subject: joined('subject'),
      identifier: all('identifier')[0],
    },
  })
  const spine = new Set<string>()
  for (const id of ids) {
    let item = items.get(id)
    // A picture or a PDF in its place names what is to be read instead.
    for (let n = 0; item && !readable.test(item.type) && n < 5; n++) item = items.get(item.fallback)
    if (item && readable.test(item.type)) spine.add(item.path)
  }
  if (spine.size === 0) {
    const pages = zip.entries.map((entry) => entry.path).filter((each) => /\.x?html?$/i.test(each))
    if (root === undefined && pages.length === 0)
      throw new FormatError('corrupt', 'It has no package document (.opf), which lists its chapters')
    for (const page of pages.sort()) spine.add(page)
  }
  return { spine: [...spine], contents, properties }
}

/** Links and pictures inside the book lead nowhere outside of it: what they say is kept. */
function withoutInnerLinks(source: string): string {
  return source.replace(/<(a|img)\s[^<>]*>/gi, (tag, name: string) => {
    if (name.length > 1) {
      const mark = pictureMark(attr(tag, 'alt'))
      return mark === '' ? '' : tag.replace(/(\ssrc\s*=\s*)("[^"]*"|'[^']*')/i, '$1"image"')
    }
    const target = attr(tag, 'href')
    return target === undefined || /^(https?|mailto|ftp|tel|doi):/i.test(target)
      ? tag
      : tag.replace(/\shref\s*=\s*("[^"]*"|'[^']*')/i, '')
  })
}

/** As paths stand in a manifest; one that is no good URL is taken as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** What META-INF/encryption.xml covers, but for fonts that are only scrambled. */
function lockedPaths(zip: Zip, limits: Limits): Set<string> {
  const paths = new Set<string>()
  let scrambled = false
  scanPart(zip, 'META-INF/encryption.xml', limits, {
    open(name, attrs) {
      if (name === 'EncryptionMethod')
        scrambled = /idpf\.org\/2008\/embedding|ns\.adobe\.com\/pdf\/enc#RC/.test(attr(attrs, 'Algorithm') ?? '')
      else if (name === 'CipherReference' && !scrambled)
        paths.add(resolvePath('', decodePath(attr(attrs, 'URI') ?? '')))
      return undefined
    },
  })
  return paths
}
