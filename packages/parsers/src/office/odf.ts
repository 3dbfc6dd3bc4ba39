import { isCompoundFile } from '../cfb.ts'
import { FormatError, type FormatInput, type Limits } from '../format.ts'
import { openZip, type Zip } from '../zip.ts'
import { scanBytes, scanPart } from './package.ts'
import { makeProperties, type Properties } from './properties.ts'
import { attr, type XmlHandlers } from './xml.ts'

/** An OpenDocument file (OASIS ODF 1.3), packed or flat. Handlers hear names with their prefix: `text:p`. */
export interface OdfFile {
  /** `content.xml`, `styles.xml`, `meta.xml` or an embedded object's. False when it is missing or cut short. */
  scan(part: string, on: XmlHandlers): boolean
  readonly zip: Zip | undefined
}

const slack = 3

/** Opens it. Throws FormatError `encrypted` or `corrupt`. */
export function openOdf({ bytes, limits }: Pick<FormatInput, 'bytes' | 'limits'>): OdfFile {
  // Lists and sections nest by several elements a level.
  const options = { prefixes: true, maxDepth: limits.maxDepth * slack }
  if (bytes[0] !== 0x50 && !isCompoundFile(bytes) && looksFlat(bytes)) {
    return { zip: undefined, scan: (_, on) => scanBytes(bytes, limits, on, options) }
  }
  const zip = openZip(bytes, limits)
  if (isEncrypted(zip, limits)) throw new FormatError('encrypted', 'The document is protected with a password')
  if (!zip.find('content.xml'))
    throw new FormatError('corrupt', 'It has no content.xml, the part with the text of an OpenDocument file')
  return { zip, scan: (part, on) => scanPart(zip, part, limits, on, options) }
}

function looksFlat(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 8192))
  return head.includes('<office:document') || head.includes('opendocument:xmlns:office')
}

function isEncrypted(zip: Zip, limits: Limits): boolean {
  let encrypted = false
  scanPart(zip, 'META-INF/manifest.xml', limits, {
    open(name) {
      if (name === 'encryption-data') encrypted = true
      return undefined
    },
  })
  return encrypted || zip.find('encrypted-package') !== undefined
}

const statistics = new Set(['page-count', 'table-count', 'word-count'])

/** meta.xml; `counts` are its statistics as they stand there. */
export function readOdfProperties(file: OdfFile): { properties: Properties; counts: ReadonlyMap<string, string> } {
  const values = new Map<string, string>()
  const counts = new Map<string, string>()
  let name = ''
  let inMeta = false
  file.scan('meta.xml', {
    open(tag, attrs) {
      name = tag
      if (tag === 'office:meta') inMeta = true
      else if (tag === 'office:body') return true
      else if (tag === 'meta:document-statistic') {
        for (const key of statistics) {
          const value = attr(attrs, key)
          if (value !== undefined) counts.set(key, value)
        }
      }
      return undefined
    },
    text(text) {
      if (!inMeta || name === '') return
      const value = (values.get(name) ?? '') + text
      if (value.length <= 4000) values.set(name, value)
    },
    close(tag) {
      name = ''
      if (tag === 'office:meta') inMeta = false
    },
  })
  const properties = makeProperties({
    title: values.get('dc:title'),
    author: values.get('meta:initial-creator') ?? values.get('dc:creator'),
    language: values.get('dc:language'),
    createdAt: values.get('meta:creation-date'),
    updatedAt: values.get('dc:date'),
    extra: {
      subject: values.get('dc:subject'),
      description: values.get('dc:description'),
      keywords: values.get('meta:keyword'),
      lastModifiedBy: values.get('dc:creator'),
    },
  })
  return { properties, counts }
}
