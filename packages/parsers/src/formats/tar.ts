import { isAppleDouble, isLeftover } from '../archive-members.ts'
import { decodeNames } from '../encodings/names.ts'
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
  const files: { name: Uint8Array; bytes: Uint8Array }[] = []
  let longName: Uint8Array | undefined
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
    if (type === 'L') longName = cBytes(file, start, size)
    else if (type === 'x') {
      const pax = readPax(file.subarray(start, start + Math.min(size, 1024 * 1024)))
      const path = pax.get('path')
      if (path !== undefined) longName = Buffer.from(path)
      longSize = pax.has('size') ? Number(pax.get('size')) || 0 : undefined
    } else {
      if (type === '0' || type === '\0' || type === '7') {
        if (files.length >= limits.maxEntries)
          throw new FormatError('too_large', `It has more than ${limits.maxEntries} members`)
        files.push({ name: longName ?? headerName(file, at), bytes: content })
      }
      longName = undefined
      longSize = undefined
    }
    at = start + Math.ceil(size / block) * block
  }
  const names = decodeNames(files.map(({ name }) => name))
  const children = files
    .map(({ bytes: content }, index) => ({ path: cleanPath(names[index]!), bytes: content }))
    .filter(({ path, bytes: content }) => path !== '' && !isLeftover(path) && !isAppleDouble(path, content))
  if (damaged && files.length === 0)
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

function headerName(file: Buffer, at: number): Buffer {
  const name = cBytes(file, at, 100)
  // GNU's own form ("ustar  ") keeps times in the prefix's place.
  const prefix = file.toString('latin1', at + 257, at + 263) === 'ustar\0' ? cBytes(file, at + 345, 155) : undefined
  return prefix?.length ? Buffer.concat([prefix, Buffer.from('/'), name]) : name
}

function cBytes(file: Buffer, at: number, length: number): Buffer {
  const end = file.subarray(at, at + length).indexOf(0)
  return file.subarray(at, at + (end < 0 ? length : end))
}

function cString(file: Buffer, at: number, length: number): string {
  return cBytes(file, at, length).toString('latin1')
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
