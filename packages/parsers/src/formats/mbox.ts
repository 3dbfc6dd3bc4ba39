import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'

/** Mailboxes of Internet messages one after the other (RFC 4155): each message a document. */
export const mbox: Format = {
  name: 'mbox',
  mimeTypes: ['application/mbox'],
  extensions: ['mbox', 'mbx'],
  parse,
}

const maxSeparator = 500

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts: { readonly at: number; readonly body: number }[] = []
  for (let at = 0; at >= 0 && at < file.length; ) {
    const body = separatorEnd(file, at)
    if (body > 0) starts.push({ at, body })
    if (starts.length > limits.maxEntries)
      throw new FormatError('too_large', `It has more than ${limits.maxEntries} messages`)
    const next = file.indexOf('\nFrom ', at)
    if (next < 0) break
    at = next + 1
  }
  if (starts.length === 0) throw new FormatError('corrupt', 'It has no message: no line begins with "From " and a date')
  const children = starts.map(({ body }, n) => ({
    path: `message-${String(n + 1).padStart(5, '0')}.eml`,
    bytes: bytes.subarray(body, starts[n + 1]?.at ?? bytes.length),
    mimeType: 'message/rfc822',
  }))
  return { markdown: '', children, metadata: { messages: children.length } }
}

/** Where the line at `at` ends, when it is one that begins a message: `From someone Sat Jan  3 01:05:34 1996`. */
function separatorEnd(file: Buffer, at: number): number {
  const end = file.indexOf(10, at)
  if (end < 0 || end - at > maxSeparator) return -1
  const line = file.toString('latin1', at, end)
  return /^From \S/.test(line) && (/\d\d?:\d\d/.test(line) || /\b(19|20)\d\d\b/.test(line) || at === 0) ? end + 1 : -1
}
