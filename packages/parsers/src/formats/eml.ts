import PostalMime, { type Address, type Attachment } from 'postal-mime'
import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { writeMessage } from '../mail/message.ts'
import { utf16Order } from '../text.ts'

/** Internet messages (RFC 5322, MIME), and web pages saved as such. */
export const eml: Format = {
  name: 'eml',
  mimeTypes: ['message/rfc822'],
  extensions: ['eml', 'mht', 'mhtml'],
  parse,
}

async function parse({ bytes, limits }: FormatInput): Promise<FormatOutput> {
  const order = utf16Order(bytes)
  // Some programs export messages as UTF-16 text.
  const mail = await PostalMime.parse(order ? new TextDecoder(order).decode(bytes) : withinHeaders(bytes), {
    forceRfc822Attachments: true,
    maxNestingDepth: limits.maxDepth,
  })
  return await writeMessage(
    {
      subject: mail.subject,
      from: mail.from && addresses([mail.from])[0],
      to: addresses(mail.to),
      cc: addresses(mail.cc),
      bcc: addresses(mail.bcc),
      date: mail.date,
      messageId: mail.messageId,
      inReplyTo: mail.inReplyTo,
      text: mail.text,
      html: mail.html,
      // Pictures that the HTML shows in place are part of its look.
      attachments: mail.attachments
        .filter(({ related, mimeType }) => !(related && mimeType.startsWith('image/')))
        .map((attachment) => ({
          name: nameOf(attachment),
          bytes: contentOf(attachment),
          mimeType: attachment.mimeType,
        })),
    },
    limits,
  )
}

/** Above this the parser gives up; so long a head is of lists or of filler. */
const mostHeaders = 1024 * 1024
const mostOfOne = 32 * 1024
const kept = /^(from|to|cc|bcc|subject|date|message-id|in-reply-to|mime-version|content-[a-z-]+):/i

/** The message with an oversized head cut down to the fields that are read; its body stays. */
function withinHeaders(bytes: Uint8Array): Uint8Array {
  const end = headEnd(bytes)
  if (end <= mostHeaders) return bytes
  const fields: string[] = []
  // One character a byte, so that nothing is changed by reading it so.
  for (const line of Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1').split('\n')) {
    const last = fields.length - 1
    if (!/^[ \t]/.test(line)) fields.push(line.slice(0, mostOfOne))
    else if (last >= 0 && fields[last]!.length + line.length < mostOfOne) fields[last] += `\n${line}`
  }
  const seen = new Set<string>()
  const head = fields.filter((field) => {
    const name = kept.exec(field)?.[1]?.toLowerCase()
    if (name === undefined || seen.has(name)) return false
    seen.add(name)
    return true
  })
  return new Uint8Array(Buffer.concat([Buffer.from(`${head.join('\n')}\n\n`, 'latin1'), bytes.subarray(end)]))
}

/** Where the body begins: after the first empty line. */
function headEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3
  }
  return bytes.length
}

function addresses(list: readonly Address[] = []): string[] {
  return list.flatMap((each) => {
    if (each.group) return each.group.map(({ name, address }) => show(name, address))
    return [show(each.name, each.address ?? '')]
  })
}

function show(name: string, address: string): string {
  return name === '' || name === address ? address : address === '' ? name : `${name} <${address}>`
}

function nameOf({ filename, mimeType }: Attachment): string | undefined {
  return filename ?? (mimeType === 'message/rfc822' ? 'message.eml' : undefined)
}

function contentOf({ content }: Attachment): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
}
