import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { readAddresses } from '../mail/addresses.ts'
import { readCalendar } from '../mail/calendar.ts'
import { readDate } from '../mail/header.ts'
import { mapiMessage } from '../mail/mapi-message.ts'
import { type Attachment, type Message, writeMessage } from '../mail/message.ts'
import { readMime } from '../mail/mime.ts'
import { isSavedPage, readSavedPage } from '../mail/saved-page.ts'
import { isTnef, readTnef } from '../mail/tnef.ts'
import { decodeWords } from '../mail/words.ts'
import { utf16Order } from '../text.ts'

/** Internet messages (RFC 5322, MIME), and web pages saved as such. */
export const eml: Format = {
  name: 'eml',
  mimeTypes: ['message/rfc822'],
  extensions: ['eml', 'mht', 'mhtml', 'emlx', 'nws'],
  parse,
}

async function parse(input: FormatInput): Promise<FormatOutput> {
  const { limits } = input
  const { header, calendars, ...rest } = readMime(inBytes(input.bytes), limits)
  if (isSavedPage(header)) return readSavedPage(header, rest.bodies, limits)
  const wrapped = await withoutTnef(rest, input)
  const { facts, bodies, attachments } = withMeetings(calendars, wrapped)
  return await writeMessage({
    subject: decodeWords(header.get('subject') ?? ''),
    from: readAddresses(header.get('from'))[0] ?? readAddresses(header.get('sender'))[0],
    to: readAddresses(header.get('to')),
    cc: readAddresses(header.get('cc')),
    bcc: readAddresses(header.get('bcc')),
    date: readDate(header.get('date')),
    messageId: header.get('message-id'),
    inReplyTo: header.get('in-reply-to'),
    facts,
    bodies,
    attachments,
  })
}

type Content = Pick<Message, 'facts' | 'bodies' | 'attachments'>

/** What Outlook wrapped for other Outlooks (`winmail.dat`) stands in its place; its text where there is no other. */
async function withoutTnef(content: Content, input: FormatInput): Promise<Content> {
  let { facts, bodies } = content
  const attachments: Attachment[] = []
  for (const attachment of content.attachments) {
    if (!isTnef(attachment.bytes)) {
      attachments.push(attachment)
      continue
    }
    const inside = await mapiMessage(readTnef(attachment.bytes, input.limits.maxEntries + 1), input)
    attachments.push(...inside.attachments)
    facts = [...(facts ?? []), ...(inside.facts ?? [])]
    if (bodies.every(({ text, html }) => !text?.trim() && !html?.trim())) bodies = inside.bodies
  }
  return { facts, bodies, attachments }
}

const mostMeetings = 10

/** Invitations as facts; the same ones as attachments say nothing more. */
function withMeetings(calendars: readonly string[], content: Content): Content {
  const meetings = calendars.flatMap((text) => readCalendar(text, mostMeetings))
  if (meetings.length === 0) return content
  const shown = new Set(meetings.map(({ uid }) => uid))
  const hasText = content.bodies.some(({ text, html }) => text?.trim() || html?.trim())
  return {
    facts: [...(content.facts ?? []), ...meetings.slice(0, mostMeetings).flatMap(({ facts }) => facts)],
    bodies: hasText ? content.bodies : meetings.map(({ description }) => ({ text: description })),
    attachments: content.attachments.filter(({ bytes, mimeType = '' }) => {
      if (!/^(text\/calendar|application\/ics)$/.test(mimeType)) return true
      const inside = readCalendar(Buffer.from(bytes).toString(), mostMeetings)
      return inside.length === 0 || inside.some(({ uid }) => !shown.has(uid))
    }),
  }
}

/** Some programs export messages as UTF-16 text; Apple's writes how long it is before it, and a list behind (`.emlx`). */
function inBytes(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 24)).toString('latin1')
  const [line, length] = /^(\d{1,10})[ \t]*\r?\n/.exec(head) ?? []
  if (line !== undefined) return bytes.subarray(line.length, line.length + Number(length))
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  const order = marked ?? utf16Order(bytes)
  return order ? new TextEncoder().encode(new TextDecoder(order).decode(bytes)) : bytes
}
