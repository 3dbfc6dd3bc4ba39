import type { Format, FormatOutput } from '../format.ts'
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

function declaredCharset(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2048))
    .toString('latin1')
    .toLowerCase()
  const at = head.indexOf('charset=')
  if (at !== -1) return word(head, head[at + 8] === '"' || head[at + 8] === "'" ? at + 9 : at + 8)
  const xml = head.startsWith('<?xml') ? head.indexOf('encoding=') : -1
  return xml === -1 ? undefined : word(head, xml + 10)
}

function word(text: string, start: number): string {
  let end = start
  while (end < text.length && end < start + 40) {
    const code = text.charCodeAt(end)
    if (!((code >= 48 && code <= 58) || (code >= 97 && code <= 122) || code === 45 || code === 95)) break
    end++
  }
  return text.slice(start, end)
}
