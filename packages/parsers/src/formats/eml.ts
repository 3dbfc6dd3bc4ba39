import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { readAddresses } from '../mail/addresses.ts'
import { writeMessage } from '../mail/message.ts'
import { readMime } from '../mail/mime.ts'
import { decodeWords } from '../mail/words.ts'
import { utf16Order } from '../text.ts'

/** Internet messages (RFC 5322, MIME), and web pages saved as such. */
export const eml: Format = {
  name: 'eml',
  mimeTypes: ['message/rfc822'],
  extensions: ['eml', 'mht', 'mhtml'],
  parse,
}

async function parse({ bytes, limits }: FormatInput): Promise<FormatOutput> {
  const { header, bodies, attachments } = readMime(inBytes(bytes), limits.maxEntries + 1)
  return await writeMessage({
    subject: decodeWords(header.get('subject') ?? ''),
    from: readAddresses(header.get('from'))[0] ?? readAddresses(header.get('sender'))[0],
    to: readAddresses(header.get('to')),
    cc: readAddresses(header.get('cc')),
    bcc: readAddresses(header.get('bcc')),
    date: header.get('date'),
    messageId: header.get('message-id'),
    inReplyTo: header.get('in-reply-to'),
    bodies,
    attachments,
  })
}

/** Some programs export messages as UTF-16 text. */
function inBytes(bytes: Uint8Array): Uint8Array {
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  const order = marked ?? utf16Order(bytes)
  return order ? new TextEncoder().encode(new TextDecoder(order).decode(bytes)) : bytes
}
