import { BoundedText } from '../bounded-text.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput, type Limits } from '../format.ts'
import { resolvePath, scanPart } from '../office/package.ts'
import { makeProperties, type Properties } from '../office/properties.ts'
import { attr } from '../office/xml.ts'
import { decodeText } from '../text.ts'
import { openZip, type Zip } from '../zip.ts'
import { htmlToMarkdown } from './html.ts'

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
  const { spine, properties } = readPackage(zip, limits)
  const out = new BoundedText(limits.maxOutputChars)
  let found = 0
  for (const path of spine) {
    const entry = zip.find(path) ?? zip.find(decodeURIComponent(path))
    if (!entry) continue
    if (locked.has(entry.path))
      throw new FormatError('encrypted', 'The book is protected (DRM): its chapters are encrypted')
    found++
    const chapter = (await htmlToMarkdown(await decodeText(zip.read(entry)))).trim()
    if (chapter !== '') out.append(out.length === 0 ? chapter : `\n\n${chapter}`)
  }
  if (found === 0) throw new FormatError('corrupt', 'None of the chapters it lists can be found')
  return { ...properties, markdown: out.toString(), metadata: { ...properties.metadata, chapters: found } }
}

/** The package document lists all files (manifest) and those that are read one after the other (spine). */
function readPackage(zip: Zip, limits: Limits): { readonly spine: readonly string[]; readonly properties: Properties } {
  let path: string | undefined
  scanPart(zip, 'META-INF/container.xml', limits, {
    open(name, attrs) {
      if (name === 'rootfile') path ??= attr(attrs, 'full-path')
      return undefined
    },
  })
  const root = path ?? zip.entries.find((entry) => entry.path.endsWith('.opf'))?.path
  if (root === undefined || !zip.find(root))
    throw new FormatError('corrupt', 'It has no package document (.opf), which lists its chapters')
  const folder = root.slice(0, root.lastIndexOf('/') + 1)
  const items = new Map<string, string>()
  const spine: string[] = []
  const values = new Map<string, string>()
  let key = ''
  scanPart(zip, root, limits, {
    open(name, attrs) {
      key = name
      if (name === 'item')
        items.set(attr(attrs, 'id') ?? '', resolvePath(folder, (attr(attrs, 'href') ?? '').split('#', 1)[0]!))
      else if (name === 'itemref') spine.push(items.get(attr(attrs, 'idref') ?? '') ?? '')
      else if (name === 'meta' && attr(attrs, 'property') === 'dcterms:modified') key = 'modified'
      return undefined
    },
    text(text) {
      const value = values.get(key) ?? ''
      if (value.length < 4000 && text.trim() !== '') values.set(key, value === '' ? text : `${value}${text}`)
    },
    close() {
      key = ''
    },
  })
  const properties = makeProperties({
    title: values.get('title'),
    author: values.get('creator'),
    language: values.get('language'),
    createdAt: values.get('date'),
    updatedAt: values.get('modified'),
    extra: {
      publisher: values.get('publisher'),
      description: values.get('description'),
      subject: values.get('subject'),
      identifier: values.get('identifier'),
    },
  })
  return { spine, properties }
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
        paths.add(resolvePath('', decodeURIComponent(attr(attrs, 'URI') ?? '')))
      return undefined
    },
  })
  return paths
}
