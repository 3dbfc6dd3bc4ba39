import { createRequire } from 'node:module'
import type { FieldsData } from '@kenjiuno/msgreader'
import { type CompoundFile, isCompoundFile, openCompoundFile } from '../cfb.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { inflateRtf } from '../mail/compressed-rtf.ts'
import { type Message, writeMessage } from '../mail/message.ts'
import { decodePage } from '../office/ole-properties.ts'
import { rtf } from './rtf.ts'

/** Outlook messages ([MS-OXMSG]). */
export const msg: Format = {
  name: 'msg',
  mimeTypes: ['application/vnd.ms-outlook'],
  extensions: ['msg'],
  parse,
}

// The package is CommonJS with a default export of its own, which loaders unwrap each in their way.
const { default: MsgReader }: typeof import('@kenjiuno/msgreader', { with: { 'resolution-mode': 'require' }}) =
  createRequire(import.meta.url)('@kenjiuno/msgreader')

async function parse(input: FormatInput): Promise<FormatOutput> {
  const { bytes, limits } = input
  if (!isCompoundFile(bytes))
    throw new FormatError('corrupt', 'It is not an Outlook message: not a compound (OLE) file')
  const compound = openCompoundFile(bytes, limits)
  const file = new MsgReader(wholeSectors(bytes))
  let data: FieldsData
  try {
    // The reader follows a damaged chain or tree without end.
    compound.verify()
    data = onlyStrings(file.getFileData())
  } catch {
    return await writeMessage(plainMessage(compound))
  }
  if (data.error) throw new FormatError('corrupt', `The message cannot be read: ${data.error}`)
  const { recipients = [] } = data
  const people = (type: string): string[] => recipients.filter((each) => (each.recipType ?? 'to') === type).map(person)
  const message: Message = {
    subject: data.subject,
    from:
      data.senderName || data.senderEmail
        ? show(data.senderName, data.senderSmtpAddress ?? data.senderEmail)
        : undefined,
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    date: data.clientSubmitTime ?? data.messageDeliveryTime ?? data.creationTime,
    messageId: data.messageId,
    bodies: [
      {
        text: data.body,
        html: data.bodyHtml ?? (data.html ? decodePage(data.html, data.internetCodepage ?? 65_001) : undefined),
      },
    ],
    attachments: (data.attachments ?? []).slice(0, limits.maxEntries + 1).flatMap((attachment) => {
      const content = contentOf(file, attachment)
      return content === undefined
        ? []
        : [{ name: nameOf(attachment, content.fileName), bytes: content.content, ...mimeOf(attachment) }]
    }),
  }
  const isBare = message.bodies.every(({ text, html }) => !text?.trim() && !html)
  const rich = isBare && data.compressedRtf ? await richText(input, data.compressedRtf) : undefined
  return await writeMessage(rich === undefined ? message : { ...message, bodies: [{ text: rich }] })
}

/** Subject, sender and text by the names of their streams ([MS-OXMSG] 2.2.1), where a damaged part stops the reader. */
function plainMessage(file: CompoundFile): Message {
  const property = (id: string): string | undefined => {
    const wide = file.stream(`__substg1.0_${id}001F`)
    const narrow = wide ? undefined : file.stream(`__substg1.0_${id}001E`)
    return wide ? decodePage(wide, 1200) : narrow && decodePage(narrow, 1252)
  }
  const message = {
    subject: property('0037'),
    from: property('0C1A'),
    bodies: [{ text: property('1000'), html: property('1013') }],
    attachments: [],
  }
  if (!message.subject && !message.bodies[0]?.text && !message.bodies[0]?.html)
    throw new FormatError('corrupt', 'The message has no part that can be read')
  return message
}

/** Writers leave the last sector short; the reader wants it whole. */
function wholeSectors(bytes: Uint8Array): DataView {
  const length = Math.ceil(bytes.length / 512) * 512
  if (length === bytes.length) return new DataView(bytes.buffer, bytes.byteOffset, length)
  const padded = new Uint8Array(length)
  padded.set(bytes)
  return new DataView(padded.buffer)
}

async function richText(input: FormatInput, compressed: Uint8Array): Promise<string | undefined> {
  try {
    const bytes = inflateRtf(compressed, input.limits.maxInflatedBytes)
    return (await rtf.parse({ ...input, bytes })).markdown
  } catch {
    // The rest of the message is worth having without its body.
    return undefined
  }
}

function contentOf(
  file: InstanceType<typeof MsgReader>,
  attachment: FieldsData,
): { fileName: string; content: Uint8Array } | undefined {
  try {
    return file.getAttachment(attachment)
  } catch {
    return undefined
  }
}

function nameOf(attachment: FieldsData, name: string): string {
  const { fileName, name: shown } = onlyStrings(attachment)
  const own = fileName ?? shown ?? String(name)
  return attachment.innerMsgContent && !own.endsWith('.msg') ? `${own}.msg` : own
}

function mimeOf(attachment: FieldsData): { mimeType?: string } {
  const { attachMimeTag } = onlyStrings(attachment)
  return attachMimeTag ? { mimeType: attachMimeTag } : {}
}

function person({ name, email, smtpAddress }: FieldsData): string {
  return show(name, smtpAddress ?? email)
}

const texts = [
  'subject',
  'senderName',
  'senderEmail',
  'senderSmtpAddress',
  'body',
  'bodyHtml',
  'messageId',
  'clientSubmitTime',
  'messageDeliveryTime',
  'creationTime',
  'fileName',
  'name',
  'email',
  'smtpAddress',
  'attachMimeTag',
] as const

/** A damaged property may be of another type than it is declared with: such ones are left out, here and in what is inside. */
function onlyStrings(data: FieldsData): FieldsData {
  const kept = { ...data }
  for (const key of texts) if (kept[key] !== undefined && typeof kept[key] !== 'string') delete kept[key]
  if (kept.recipients) kept.recipients = kept.recipients.map(onlyStrings)
  return kept
}

function show(name = '', address = ''): string {
  // Exchange's own addresses (/O=ORG/OU=...) say nothing to people.
  const known = address.startsWith('/') ? '' : address
  return known === '' || known === name ? name : name === '' ? known : `${name} <${known}>`
}
