import type { Sniffed } from '../sniff.ts'

type Rule = readonly [bytes: string, at: number, found: Sniffed]

const image = (type: string): Sniffed => ({ mimeType: `image/${type}`, format: 'image' })
const other = (mimeType: string): Sniffed => ({ mimeType })

const cms: Sniffed = { mimeType: 'application/pkcs7-mime', format: 'pkcs7' }
/** First bytes as Latin-1; what has no format is named so that people are told what it is. */
const rules: readonly Rule[] = [
  ['\x78\x9f\x3e\x22', 0, { mimeType: 'application/vnd.ms-tnef', format: 'tnef' }],
  ['\x10\x10\x10\x10\x10\x10\x10\x11\x11\x11\x11\x11\x11S', 0, { mimeType: 'application/mbox', format: 'mbox' }],
  ['!BDN', 0, other('application/vnd.ms-outlook-pst')],
  ['{\\rtf', 0, { mimeType: 'application/rtf', format: 'rtf' }],
  ['\xdb\xa5\x2d\x00', 0, { mimeType: 'application/msword', format: 'doc' }],
  ['\xffWPC', 0, other('application/vnd.wordperfect')],
  ['\x1f\x8b', 0, { mimeType: 'application/gzip', format: 'gz' }],
  ['ustar', 257, { mimeType: 'application/x-tar', format: 'tar' }],
  ['\x89PNG\r\n\x1a\n', 0, image('png')],
  ['\xff\xd8\xff', 0, image('jpeg')],
  ['GIF8', 0, image('gif')],
  ['WEBP', 8, image('webp')],
  ['II*\x00', 0, image('tiff')],
  ['MM\x00*', 0, image('tiff')],
  ['7z\xbc\xaf\x27\x1c', 0, other('application/x-7z-compressed')],
  ['Rar!\x1a\x07', 0, other('application/vnd.rar')],
  ['BZh', 0, other('application/x-bzip2')],
  ['\xfd7zXZ\x00', 0, other('application/x-xz')],
  ['\x28\xb5\x2f\xfd', 0, other('application/zstd')],
  ['\x7fELF', 0, other('application/x-executable')],
  ['\xca\xfe\xba\xbe', 0, other('application/java-vm')],
  ['\x00asm', 0, other('application/wasm')],
  ['SQLite format 3\x00', 0, other('application/vnd.sqlite3')],
  ...['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'].map((brand): Rule => [`ftyp${brand}`, 4, image('heic')]),
  ...['avif', 'avis'].map((brand): Rule => [`ftyp${brand}`, 4, image('avif')]),
  ['ftypM4A', 4, other('audio/mp4')],
  ['ftypqt', 4, other('video/quicktime')],
  ['ftyp', 4, other('video/mp4')],
  ['8BPS', 0, image('vnd.adobe.photoshop')],
  ['\x1a\x45\xdf\xa3', 0, other('video/webm')],
  ['OggS', 0, other('audio/ogg')],
  ['fLaC', 0, other('audio/flac')],
  ['ID3', 0, other('audio/mpeg')],
  ['WAVE', 8, other('audio/wav')],
  ['AVI ', 8, other('video/x-msvideo')],
  ['wOFF', 0, other('font/woff')],
  ['wOF2', 0, other('font/woff2')],
  ['OTTO', 0, other('font/otf')],
  ['\x00\x01\x00\x00\x00', 0, other('font/ttf')],
  ['PAR1', 0, other('application/vnd.apache.parquet')],
  ['%!PS', 0, other('application/postscript')],
  ['-----BEGIN PKCS7-----', 0, cms],
  ['-----BEGIN CMS-----', 0, cms],
  ['-----BEGIN PGP MESSAGE-----', 0, { mimeType: 'application/pgp-encrypted', format: 'pgp' }],
  ['-----BEGIN PGP SIGNED MESSAGE-----', 0, { mimeType: 'application/pgp', format: 'pgp' }],
  ['AT&TFORM', 0, other('image/vnd.djvu')],
]

const magics = rules.map(([magic, at, found]) => ({ magic: Buffer.from(magic, 'latin1'), at, found }))
const pdfHeader = Buffer.from('%PDF-')

/** The type that first bytes prove; `zip` and `ole` are containers to look into. */
export function magicOf(bytes: Uint8Array): Sniffed | 'zip' | 'ole' | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024))
  if (has(head, zipStart, 0) && (head[2] === 3 || head[2] === 5 || head[2] === 7) && head[3] === head[2]! + 1)
    return 'zip'
  if (has(head, oleStart, 0)) return 'ole'
  if (isCms(head)) return cms
  // Readers accept a header anywhere in the first kilobyte (PDF 32000-1, annex H.3.4.1), but prose may quote one.
  const pdf = head.indexOf(pdfHeader)
  if (pdf === 0 || (pdf > 0 && isDigit(head[pdf + 5]) && !isPrintable(head[pdf - 1]))) {
    return { mimeType: 'application/pdf', format: 'pdf' }
  }
  if (has(head, bmpStart, 0) && bytes.length > 26 && head.readUInt32LE(6) === 0) return image('bmp')
  if (has(head, exeStart, 0) && head.includes(0)) return other('application/vnd.microsoft.portable-executable')
  return magics.find(({ magic, at }) => has(head, magic, at))?.found
}

/** How the ids of what CMS signs or encrypts begin, and of what it packs (RFC 5652, RFC 3274). */
const cmsIds = ['06092a864886f70d0107', '060b2a864886f70d01091001'].map((id) => Buffer.from(id, 'hex'))

/** A sequence of any length; what was signed may be a PDF, which begins a little later. */
function isCms(head: Uint8Array): boolean {
  return head[0] === 0x30 && cmsIds.some((id) => [2, 3, 4, 5, 6].some((at) => has(head, id, at)))
}

const zipStart = Buffer.from('PK')
const oleStart = Buffer.from('d0cf11e0a1b11ae1', 'hex')
const bmpStart = Buffer.from('BM')
const exeStart = Buffer.from('MZ')

function has(head: Uint8Array, magic: Uint8Array, at: number): boolean {
  for (let n = 0; n < magic.length; n++) if (head[at + n] !== magic[n]) return false
  return true
}

function isDigit(code = 0): boolean {
  return code >= 48 && code <= 57
}

function isPrintable(code = 0): boolean {
  return code >= 32 && code < 127
}
