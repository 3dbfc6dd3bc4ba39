import type { FormatInput } from '../format.ts'
import { rtf } from '../formats/rtf.ts'
import { decodeCharset } from '../text.ts'
import { readAddresses } from './addresses.ts'
import { inflateRtf } from './compressed-rtf.ts'
import { readHeader } from './header.ts'
import { htmlInRtf } from './html-in-rtf.ts'
import { type MapiAttachment, type MapiItem, type MapiValues, numberOf, pageText, property, textOf } from './mapi.ts'
import { itemFacts } from './mapi-facts.ts'
import type { Attachment, Body, Message } from './message.ts'
import { isEntity, readMime } from './mime.ts'
import { openPkcs7 } from './pkcs7.ts'

/** What an Outlook item says, as a message. Attachments that its page shows are part of its look and left out. */
export async function mapiMessage(item: MapiItem, input: FormatInput): Promise<Message> {
  const { values, recipients } = item
  const body = await bodyOf(values, input)
  const people = (type: number, shown: number): string[] => {
    const found = recipients.filter((each) => recipientType(each) === type).map(person)
    const names = found.filter((each) => each !== '')
    if (names.length > 0) return names
    return (textOf(values, shown) ?? '').split(';').flatMap((name) => name.trim() || [])
  }
  const attachments = item.attachments
    .slice(0, input.limits.maxEntries + 1)
    .filter(({ values: each }) => !isShown(each, body.html))
    .flatMap(attachmentOf)
  return {
    subject: textOf(values, property.subject),
    from: sender(values),
    to: people(1, property.shownTo),
    cc: people(2, property.shownCc),
    bcc: people(3, property.shownBcc),
    date: dateOf(values),
    messageId: textOf(values, property.messageId),
    inReplyTo: textOf(values, property.inReplyTo),
    facts: itemFacts(values),
    ...(signedContent(values, attachments, input) ?? { bodies: [body], attachments }),
  }
}

const signedClass = /^ipm\.note\.(smime|secure)/i

/** What is signed lies as a whole mail in the one attachment of the message around it ([MS-OXOSMIME] 2.1). */
function signedContent(
  values: MapiValues,
  [attachment, ...others]: readonly Attachment[],
  { limits }: FormatInput,
): Pick<Message, 'bodies' | 'attachments'> | undefined {
  if (attachment === undefined || others.length > 0) return undefined
  if (!signedClass.test(textOf(values, property.messageClass) ?? '')) return undefined
  const message = isEntity(attachment.bytes) ? undefined : openPkcs7(attachment.bytes, limits)
  const content = message?.kind === 'content' ? message.content : attachment.bytes
  if (!isEntity(content)) return undefined
  const { bodies, attachments } = readMime(content, limits)
  return { bodies, attachments }
}

/** Flags stand in the upper bits. */
function recipientType(values: MapiValues): number {
  return (numberOf(values, property.recipientType) ?? 1) & 15
}

function person(values: MapiValues): string {
  return show(textOf(values, property.name), textOf(values, property.smtpAddress) ?? textOf(values, property.address))
}

/** Whom it is from: the mailbox that it was sent for, else the one that sent it. */
function sender(values: MapiValues): string | undefined {
  const sent = show(
    textOf(values, property.senderName),
    textOf(values, property.senderSmtp) ?? textOf(values, property.senderAddress),
  )
  const shown = show(
    textOf(values, property.fromName),
    textOf(values, property.fromSmtp) ?? textOf(values, property.fromAddress),
  )
  if (shown.includes('@') || (shown !== '' && !sent.startsWith(`${shown} <`))) {
    return shown.includes('@') ? shown : (fromHeaders(values) ?? shown)
  }
  return sent.includes('@') ? sent : (fromHeaders(values) ?? (sent || undefined))
}

/** As it stood in the header of what came over the Internet. */
function fromHeaders(values: MapiValues): string | undefined {
  const text = textOf(values, property.headers)
  if (text === undefined) return undefined
  const bytes = Buffer.from(text)
  return readAddresses(readHeader(bytes, 0, bytes.length).fields.get('from'))[0]
}

function show(name = '', address = ''): string {
  // Exchange's own addresses (/O=ORG/OU=...) say nothing to people.
  const known = address.startsWith('/') ? '' : address.trim()
  if (known === '' || known === name || name.endsWith(`<${known}>`)) return name
  return name === '' ? known : `${name} <${known}>`
}

function dateOf(values: MapiValues): string | undefined {
  for (const key of [property.submitted, property.delivered, property.created]) {
    const time = numberOf(values, key)
    // Times that are not set are those of 1601, or past any that a Date has.
    if (time !== undefined && time > 0 && time < 8e15) return new Date(Math.trunc(time / 1000) * 1000).toISOString()
  }
  return undefined
}

async function bodyOf(values: MapiValues, input: FormatInput): Promise<Body> {
  const text = textOf(values, property.body)
  const html = values.get(property.html)
  if (typeof html === 'string') return { text, html }
  if (html instanceof Uint8Array) {
    const page = numberOf(values, property.internetCodePage)
    return { text, html: page === undefined ? decodeCharset(html, '') : pageText(html, page) }
  }
  const packed = values.get(property.rtf)
  if (!(packed instanceof Uint8Array)) return { text }
  try {
    const bytes = inflateRtf(packed, input.limits.maxInflatedBytes)
    const page = htmlInRtf(bytes)
    if (page !== undefined) return { text, html: page }
    // Plain text wrapped into RTF says nothing more.
    if (text !== undefined && isWrappedText(bytes)) return { text }
    const { markdown } = await rtf.parse({ ...input, bytes })
    return { text: markdown.length * 2 < (text?.length ?? 0) ? text : markdown }
  } catch {
    // The rest of the message is worth having without this form of its body.
    return { text }
  }
}

function isWrappedText(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 400)).includes('\\fromtext')
}

function isShown(values: MapiValues, html: string | undefined): boolean {
  const id = textOf(values, property.contentId)
  const isImage =
    /^image\//.test(textOf(values, property.mimeType) ?? '') || /\.(png|jpe?g|gif|bmp)$/i.test(nameOf(values))
  return id !== undefined && isImage && html?.includes(`cid:${id}`) === true
}

function nameOf(values: MapiValues): string {
  return (
    textOf(values, property.filename) ?? textOf(values, property.shortFilename) ?? textOf(values, property.name) ?? ''
  )
}

function attachmentOf({ values, bytes: read, isMessage }: MapiAttachment): Attachment[] {
  let bytes: Uint8Array | undefined
  try {
    bytes = read()
  } catch {
    // A damaged attachment costs only itself.
  }
  if (bytes === undefined) return []
  const own = (isMessage ? textOf(values, property.name) : undefined) ?? nameOf(values)
  const mimeType = textOf(values, property.mimeType)
  if (!isMessage) return [{ name: own || undefined, bytes, ...(mimeType === undefined ? {} : { mimeType }) }]
  return [{ name: /\.(msg|dat)$/i.test(own) ? own : `${own || 'message'}.msg`, bytes }]
}
