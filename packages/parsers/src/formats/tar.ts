import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'

/** TAR archives (POSIX ustar, pax and GNU long names): each file a document. */
export const tar: Format = {
  name: 'tar',
  mimeTypes: ['application/x-tar'],
  extensions: ['tar'],
  parse,
}

const block = 512

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const children: { path: string; bytes: Uint8Array }[] = []
  let longName: string | undefined
  let longSize: number | undefined
  let damaged = false
  for (let at = 0; at + block <= file.length; ) {
    if (file[at] === 0) {
      at += block
      continue
    }
    if (!checksumFits(file, at)) {
      if (at === 0) throw new FormatError('corrupt', 'It is not a TAR archive: the first header has a wrong checksum')
      damaged = true
      break
    }
    const type = String.fromCharCode(file[at + 156]!)
    const size: number =
      type === 'x' || type === 'L' || type === 'g'
        ? readNumber(file, at + 124)
        : (longSize ?? readNumber(file, at + 124))
    const start = at + block
    if (start + size > file.length) {
      damaged = true
      break
    }
    const content = bytes.subarray(start, start + size)
    if (type === 'L') longName = cString(file, start, size)
    else if (type === 'x') {
      const pax = readPax(file.subarray(start, start + Math.min(size, 1024 * 1024)))
      longName = pax.get('path') ?? longName
      longSize = pax.has('size') ? Number(pax.get('size')) || 0 : undefined
    } else {
      if (type === '0' || type === '\0' || type === '7') {
        if (children.length >= limits.maxEntries)
          throw new FormatError('too_large', `It has more than ${limits.maxEntries} members`)
        const path = cleanPath(longName ?? headerName(file, at))
        if (path !== '') children.push({ path, bytes: content })
      }
      longName = undefined
      longSize = undefined
    }
    at = start + Math.ceil(size / block) * block
  }
  if (damaged && children.length === 0)
    throw new FormatError('corrupt', 'The archive is cut short before the end of its first member')
  return {
    markdown: '',
    children,
    metadata: { members: children.length, ...(damaged ? { damaged: 'The archive is cut short' } : {}) },
  }
}

function checksumFits(file: Buffer, at: number): boolean {
  let sum = 0
  for (let n = 0; n < block; n++) sum += n >= 148 && n < 156 ? 32 : file[at + n]!
  return sum === Number.parseInt(cString(file, at + 148, 8).trim(), 8)
}

/** Octal digits, or base 256 with the top bit set. */
function readNumber(file: Buffer, at: number): number {
  if ((file[at]! & 0x80) !== 0) return Number(file.readBigUInt64BE(at + 4))
  return Number.parseInt(cString(file, at, 12).trim() || '0', 8) || 0
}

function headerName(file: Buffer, at: number): string {
  const name = cString(file, at, 100)
  const prefix = file.toString('latin1', at + 257, at + 262) === 'ustar' ? cString(file, at + 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function cString(file: Buffer, at: number, length: number): string {
  const end = file.subarray(at, at + length).indexOf(0)
  return file.toString('utf8', at, at + (end < 0 ? length : end))
}

/** Records such as `25 path=some/long/name\n`, each with its own length in front. */
function readPax(data: Buffer): Map<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(32, at)
    if (space < 0 || space - at > 10) break
    const length = Number(data.toString('latin1', at, space))
    if (!(length > space - at) || at + length > data.length) break
    const record = data.toString('utf8', space + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (equals > 0) values.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return values
}

function cleanPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/')
}
