import type { Format, FormatOutput } from '../format.ts'
import { declaredCharset } from '../html/charset.ts'
import { htmlToMarkdown as convert } from '../html/index.ts'
import { readPage } from '../html/read.ts'
import { isPlainUtf8, Source } from '../html/source.ts'
import { decodeText } from '../text.ts'

export const html: Format = {
  name: 'html',
  mimeTypes: ['text/html', 'application/xhtml+xml'],
  extensions: ['html', 'htm', 'xhtml', 'shtml'],
  async parse({ bytes, limits }): Promise<FormatOutput> {
    const source = new Source(
      isPlainUtf8(bytes)
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        : await decodeText(bytes, declaredCharset(bytes)),
    )
    return readPage(source, limits.maxOutputChars)
  },
}

/** For every format with HTML inside. */
export async function htmlToMarkdown(source: string): Promise<string> {
  return convert(source)
}
