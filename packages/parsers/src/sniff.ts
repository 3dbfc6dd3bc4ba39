import { type FormatName, formatByExtension, formatByMime, mimeOf, textFormats } from './kinds.ts'
import { languageOf } from './languages.ts'
import { magicOf } from './sniff/magic.ts'
import { sniffOle } from './sniff/ole.ts'
import { looksSeparated } from './sniff/separated.ts'
import { guessText, looksLikeText } from './sniff/text.ts'
import { isXmlSpreadsheet } from './sniff/xml-spreadsheet.ts'
import { sniffZip } from './sniff/zip.ts'

export interface Sniffed {
  readonly mimeType: string
  /** Absent when nothing here reads it. */
  readonly format?: FormatName
  /** An office file whose content is encrypted as a whole. */
  readonly encrypted?: boolean
}

export interface SniffHints {
  readonly filename?: string
  readonly mimeType?: string
}

/** What the bytes are: by what they say themselves, then by the name's extension, then by the declared type. */
export function sniff(bytes: Uint8Array, { filename, mimeType }: SniffHints = {}): Sniffed {
  const extension = extensionOf(filename)
  const declared = mimeType?.split(';', 1).join('').trim().toLowerCase()
  const magic = magicOf(bytes)
  if (magic === 'zip') return sniffZip(bytes) ?? fallback(extension, declared, 'zip')
  if (magic === 'ole') return sniffOle(bytes) ?? fallback(extension, declared, undefined)
  if (magic !== undefined) return magic
  const named = byName(filename, extension) ?? (declared === undefined ? undefined : formatByMime(declared))
  if (!looksLikeText(bytes)) {
    if (named !== undefined) return of(named, declared)
    return { mimeType: declared ?? 'application/octet-stream' }
  }
  if (isXmlSpreadsheet(bytes)) return of('xls', declared)
  // An office name over plain text: exports of web pages and tables are often called so.
  if (named !== undefined && named !== 'text' && textFormats.has(named)) return of(named, declared, extension)
  const guessed = guessText(bytes)
  if (guessed === 'text' && named !== undefined && sheets.has(named) && looksSeparated(bytes))
    return of('csv', declared)
  return named === 'text' && guessed !== 'mbox' && guessed !== 'eml' ? of('text', declared) : of(guessed, declared)
}

const sheets: ReadonlySet<FormatName> = new Set(['xls', 'xlsx', 'xlsb', 'ods'])

function byName(filename: string | undefined, extension: string | undefined): FormatName | undefined {
  const found = extension === undefined ? undefined : formatByExtension(extension)
  if (found !== undefined && found !== 'text') return found
  return filename !== undefined && languageOf(filename) !== undefined ? 'code' : found
}

function fallback(extension: string | undefined, declared: string | undefined, last: FormatName | undefined): Sniffed {
  const named =
    (extension === undefined ? undefined : formatByExtension(extension)) ??
    (declared === undefined ? undefined : formatByMime(declared))
  if (named !== undefined && !textFormats.has(named)) return of(named, declared)
  return last === undefined ? { mimeType: 'application/x-ole-storage' } : of(last, undefined)
}

/** The declared type stays where it names the same format more exactly. */
function of(format: FormatName, declared: string | undefined, extension?: string): Sniffed {
  if (declared !== undefined && formatByMime(declared) === format) return { mimeType: declared, format }
  if (format === 'csv' && extension !== 'csv' && extension !== undefined)
    return { mimeType: 'text/tab-separated-values', format }
  if (format === 'json' && (extension === 'jsonl' || extension === 'ndjson'))
    return { mimeType: 'application/x-ndjson', format }
  if (format === 'markdown' && extension === 'mdx') return { mimeType: 'text/mdx', format }
  const exact = format === 'code' && extension !== undefined ? codeTypes.get(extension) : undefined
  return { mimeType: exact ?? mimeOf(format), format }
}

/** Types of their own that source files and texts with markup have. */
const codeTypes: ReadonlyMap<string, string> = new Map([
  ['js', 'text/javascript'],
  ['mjs', 'text/javascript'],
  ['cjs', 'text/javascript'],
  ['css', 'text/css'],
  ['sql', 'application/sql'],
  ['sh', 'application/x-sh'],
  ['vtt', 'text/vtt'],
  ['srt', 'application/x-subrip'],
  ['tex', 'application/x-tex'],
  ['org', 'text/org'],
  ['adoc', 'text/asciidoc'],
])

function extensionOf(filename: string | undefined): string | undefined {
  if (filename === undefined) return undefined
  const dot = filename.lastIndexOf('.')
  const slash = Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\'))
  return dot > slash && dot < filename.length - 1 ? filename.slice(dot + 1).toLowerCase() : undefined
}
