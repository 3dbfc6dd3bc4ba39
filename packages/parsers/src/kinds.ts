import { languages } from './languages.ts'

/** The formats' own names, which are also their files'. */
export type FormatName =
  | 'pdf'
  | 'docx'
  | 'pptx'
  | 'xlsx'
  | 'xlsb'
  | 'odt'
  | 'ods'
  | 'odp'
  | 'epub'
  | 'doc'
  | 'xls'
  | 'ppt'
  | 'msg'
  | 'tnef'
  | 'pkcs7'
  | 'pgp'
  | 'rtf'
  | 'eml'
  | 'mbox'
  | 'ics'
  | 'zip'
  | 'tar'
  | 'gz'
  | 'image'
  | 'html'
  | 'markdown'
  | 'csv'
  | 'ipynb'
  | 'json'
  | 'yaml'
  | 'toml'
  | 'xml'
  | 'rst'
  | 'code'
  | 'text'

export interface Kind {
  readonly mimeTypes: readonly string[]
  readonly extensions: readonly string[]
}

const office = 'application/vnd.openxmlformats-officedocument'
const open = 'application/vnd.oasis.opendocument'

/**
 * What each format is called, first its own name for itself. Kept apart from the formats so that sniffing loads none
 * of them; a test compares the two.
 */
export const kinds: Readonly<Record<FormatName, Kind>> = {
  pdf: { mimeTypes: ['application/pdf', 'application/x-pdf'], extensions: ['pdf'] },
  docx: {
    mimeTypes: [
      `${office}.wordprocessingml.document`,
      `${office}.wordprocessingml.template`,
      'application/vnd.ms-word.document.macroenabled.12',
      'application/vnd.ms-word.template.macroenabled.12',
    ],
    extensions: ['docx', 'docm', 'dotx', 'dotm'],
  },
  pptx: {
    mimeTypes: [
      `${office}.presentationml.presentation`,
      `${office}.presentationml.slideshow`,
      `${office}.presentationml.template`,
      'application/vnd.ms-powerpoint.presentation.macroenabled.12',
      'application/vnd.ms-powerpoint.slideshow.macroenabled.12',
      'application/vnd.ms-powerpoint.template.macroenabled.12',
    ],
    extensions: ['pptx', 'pptm', 'ppsx', 'ppsm', 'potx', 'potm'],
  },
  xlsx: {
    mimeTypes: [
      `${office}.spreadsheetml.sheet`,
      `${office}.spreadsheetml.template`,
      'application/vnd.ms-excel.sheet.macroenabled.12',
      'application/vnd.ms-excel.template.macroenabled.12',
    ],
    extensions: ['xlsx', 'xlsm', 'xltx', 'xltm'],
  },
  xlsb: { mimeTypes: ['application/vnd.ms-excel.sheet.binary.macroenabled.12'], extensions: ['xlsb'] },
  odt: { mimeTypes: [`${open}.text`, `${open}.text-template`], extensions: ['odt', 'ott', 'fodt'] },
  ods: { mimeTypes: [`${open}.spreadsheet`, `${open}.spreadsheet-template`], extensions: ['ods', 'ots', 'fods'] },
  odp: {
    mimeTypes: [
      `${open}.presentation`,
      `${open}.presentation-template`,
      `${open}.graphics`,
      `${open}.graphics-template`,
    ],
    extensions: ['odp', 'otp', 'fodp', 'odg', 'otg', 'fodg'],
  },
  epub: { mimeTypes: ['application/epub+zip'], extensions: ['epub'] },
  doc: { mimeTypes: ['application/msword'], extensions: ['doc', 'dot'] },
  xls: { mimeTypes: ['application/vnd.ms-excel'], extensions: ['xls', 'xlt'] },
  ppt: { mimeTypes: ['application/vnd.ms-powerpoint'], extensions: ['ppt', 'pps', 'pot'] },
  msg: { mimeTypes: ['application/vnd.ms-outlook'], extensions: ['msg', 'oft'] },
  tnef: { mimeTypes: ['application/vnd.ms-tnef', 'application/ms-tnef'], extensions: ['tnef'] },
  pkcs7: {
    mimeTypes: [
      'application/pkcs7-mime',
      'application/x-pkcs7-mime',
      'application/pkcs7-signature',
      'application/x-pkcs7-signature',
    ],
    extensions: ['p7m', 'p7s', 'p7z', 'p7c', 'p7b'],
  },
  pgp: { mimeTypes: ['application/pgp-encrypted', 'application/pgp'], extensions: ['pgp'] },
  rtf: { mimeTypes: ['application/rtf', 'text/rtf'], extensions: ['rtf'] },
  eml: { mimeTypes: ['message/rfc822'], extensions: ['eml', 'mht', 'mhtml', 'emlx', 'nws'] },
  mbox: { mimeTypes: ['application/mbox'], extensions: ['mbox', 'mbx'] },
  ics: { mimeTypes: ['text/calendar', 'application/ics'], extensions: ['ics', 'ical', 'ifb', 'vcs'] },
  zip: { mimeTypes: ['application/zip', 'application/x-zip-compressed'], extensions: ['zip'] },
  tar: { mimeTypes: ['application/x-tar'], extensions: ['tar'] },
  gz: { mimeTypes: ['application/gzip', 'application/x-gzip'], extensions: ['gz', 'tgz'] },
  image: {
    mimeTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp', 'image/tiff'],
    extensions: ['jpg', 'jpeg', 'png', 'gif', 'webp', 'bmp', 'tif', 'tiff'],
  },
  html: { mimeTypes: ['text/html', 'application/xhtml+xml'], extensions: ['html', 'htm', 'xhtml', 'shtml'] },
  markdown: {
    mimeTypes: ['text/markdown', 'text/mdx'],
    extensions: ['md', 'markdown', 'mdown', 'mkd', 'mdx', 'qmd', 'rmd'],
  },
  csv: { mimeTypes: ['text/csv', 'text/tab-separated-values'], extensions: ['csv', 'tsv', 'tab'] },
  ipynb: { mimeTypes: ['application/x-ipynb+json'], extensions: ['ipynb'] },
  json: {
    mimeTypes: ['application/json', 'application/x-ndjson', 'application/ld+json', 'application/geo+json'],
    extensions: ['json', 'jsonl', 'ndjson', 'geojson', 'jsonld', 'webmanifest', 'json5', 'jsonc'],
  },
  yaml: {
    mimeTypes: ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'],
    extensions: ['yaml', 'yml'],
  },
  toml: { mimeTypes: ['application/toml', 'text/toml'], extensions: ['toml'] },
  xml: {
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
  },
  rst: { mimeTypes: ['text/x-rst', 'text/prs.fallenstein.rst'], extensions: ['rst', 'rest'] },
  code: {
    mimeTypes: [
      'text/x-source',
      'application/javascript',
      'text/javascript',
      'application/typescript',
      'text/css',
      'application/sql',
      'application/x-sh',
    ],
    extensions: [...languages.keys()],
  },
  text: { mimeTypes: ['text/plain'], extensions: ['txt', 'text', 'log'] },
}

const entries = Object.entries(kinds) as readonly [FormatName, Kind][]

/** Reversed, so that of two formats that claim a name the first listed has it. */
const byExtension: ReadonlyMap<string, FormatName> = new Map(
  entries
    .toReversed()
    .flatMap(([name, kind]) => kind.extensions.map((extension): [string, FormatName] => [extension, name])),
)
const byMime: ReadonlyMap<string, FormatName> = new Map(
  entries.toReversed().flatMap(([name, kind]) => kind.mimeTypes.map((type): [string, FormatName] => [type, name])),
)

export function formatByExtension(extension: string): FormatName | undefined {
  return byExtension.get(extension)
}

/** `type` is lower case and without parameters. */
export function formatByMime(type: string): FormatName | undefined {
  return byMime.get(type)
}

export function mimeOf(name: FormatName): string {
  return kinds[name].mimeTypes[0]!
}

/** Formats whose files are text: their bytes prove nothing about which of them it is. */
export const textFormats: ReadonlySet<FormatName> = new Set<FormatName>([
  'html',
  'markdown',
  'csv',
  'ipynb',
  'json',
  'yaml',
  'toml',
  'xml',
  'rst',
  'code',
  'text',
  'eml',
  'mbox',
  'ics',
  'pgp',
  'rtf',
])
