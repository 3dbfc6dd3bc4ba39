import { constants, gunzipSync } from 'node:zlib'
import { decodeNames } from '../encodings/names.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'

/** Files packed with gzip (RFC 1952): the file inside is a document of its own. */
export const gz: Format = {
  name: 'gz',
  mimeTypes: ['application/gzip', 'application/x-gzip'],
  extensions: ['gz', 'tgz'],
  parse,
}

function parse({ bytes, filename, limits }: FormatInput): FormatOutput {
  const byRatio = Math.max(1024 * 1024, bytes.length * limits.maxRatio)
  const maxOutputLength = Math.max(1, Math.min(limits.maxInflatedBytes, byRatio))
  const path = innerName(bytes, filename)
  try {
    return { markdown: '', children: [{ path, bytes: gunzipSync(bytes, { maxOutputLength }) }] }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') {
      const before = beforeCut(bytes, maxOutputLength)
      if (before === undefined) throw new FormatError('corrupt', `It cannot be unpacked: ${(error as Error).message}`)
      return { markdown: '', children: [{ path, bytes: before }], metadata: { damaged: 'The file is cut short' } }
    }
    const mega = Math.round(limits.maxInflatedBytes / (1024 * 1024))
    throw new FormatError(
      'too_large',
      byRatio < limits.maxInflatedBytes
        ? `It unpacks to more than ${limits.maxRatio} times its size`
        : `It unpacks to more than ${mega} MB`,
    )
  }
}

/** What a file that ends too early begins with, as a log that is still written does. */
function beforeCut(bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    const before = gunzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })
    return before.length > 0 ? before : undefined
  } catch {
    return undefined
  }
}

/** The outer name without its ending, else the one in the header. */
function innerName(bytes: Uint8Array, filename: string | undefined): string {
  const own = filename?.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1)
  if (own && /\.tgz$/i.test(own)) return own.replace(/\.tgz$/i, '.tar')
  if (own && /.\.gz$/i.test(own)) return own.slice(0, -3)
  const named = bytes[3] === 0x08 ? bytes.indexOf(0, 10) : -1
  return named > 10 && named < 300 ? decodeNames([bytes.subarray(10, named)])[0]! : 'content'
}
