import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { isField } from '../mail/header.ts'

/** Mailboxes of Internet messages one after the other (RFC 4155): each message a document. */
export const mbox: Format = {
  name: 'mbox',
  mimeTypes: ['application/mbox'],
  extensions: ['mbox', 'mbx'],
  parse,
}

const maxSeparator = 500
const countedTimes = 20

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts: { readonly at: number; readonly body: number }[] = []
  for (let at = 0; at >= 0 && at < file.length; ) {
    const body = separatorEnd(file, at)
    if (body > 0) starts.push({ at, body })
    // Those past the limit of documents are counted, and named as left out.
    if (starts.length > limits.maxEntries * countedTimes) break
    const next = file.indexOf('\nFrom ', at)
    if (next < 0) break
    at = next + 1
  }
  if (starts.length === 0) starts.push(...foxmail(file, limits.maxEntries * countedTimes))
  if (starts.length === 0) throw new FormatError('corrupt', 'It has no message: no line begins with "From " and a date')
  const children = starts.map(({ body }, n) => ({
    path: `message-${String(n + 1).padStart(5, '0')}.eml`,
    bytes: unquoted(file.subarray(body, starts[n + 1]?.at ?? bytes.length)),
    mimeType: 'message/rfc822',
  }))
  return { markdown: '', children, metadata: { messages: children.length } }
}

const foxmailMark = Buffer.from(`${'\x10'.repeat(7)}${'\x11'.repeat(6)}S`)

/** Foxmail marks where each message of its folders begins with control characters. */
function foxmail(file: Buffer, most: number): { readonly at: number; readonly body: number }[] {
  const starts: { readonly at: number; readonly body: number }[] = []
  for (let at = file.indexOf(foxmailMark); at >= 0 && starts.length < most; at = file.indexOf(foxmailMark, at + 1)) {
    const feed = file.indexOf(10, at)
    starts.push({ at, body: feed < 0 ? file.length : feed + 1 })
  }
  return starts
}

/** Where the line at `at` ends, when it is one that begins a message: `From someone Sat Jan  3 01:05:34 1996`. */
function separatorEnd(file: Buffer, at: number): number {
  const end = file.indexOf(10, at)
  if (end < 0 || end - at > maxSeparator) return -1
  const line = file.toString('latin1', at, end)
  if (!/^From \S/.test(line)) return -1
  if (at === 0) return end + 1
  // Some write such lines into bodies as they are: a header below tells, or an empty line before and a whole date.
  const isBehindEmpty = file[at - 2] === 10 || (file[at - 2] === 13 && file[at - 3] === 10)
  const isDated = isBehindEmpty && /\d\d?:\d\d.*\b(19|20)\d\d\b/.test(line)
  const isLikely = /\d\d?:\d\d|\b(19|20)\d\d\b/.test(line) && isField(file, end + 1, file.length)
  return isDated || isLikely ? end + 1 : -1
}

/** Lines of a body that begin so were marked, that none would be taken for the next message. */
function unquoted(message: Buffer): Uint8Array {
  if (!message.includes('\n>From ') && !message.includes('\n>>From ')) return message
  return Buffer.from(message.toString('latin1').replace(/\n>(>*From )/g, '\n$1'), 'latin1')
}
