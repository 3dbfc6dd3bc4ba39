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
  const mail = await PostalMime.parse(order ? new TextDecoder(order).decode(bytes) : bytes, {
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
