import type { Json } from '@cx/core'
import type { FormatOutput } from '../format.ts'
import { htmlToMarkdown } from '../formats/html.ts'
import { isoDate } from '../office/properties.ts'

/** A mail message, whatever it was kept in. */
export interface Message {
  readonly subject?: string | undefined
  readonly from?: string | undefined
  readonly to?: readonly string[]
  readonly cc?: readonly string[]
  readonly bcc?: readonly string[]
  readonly date?: string | undefined
  readonly messageId?: string | undefined
  readonly inReplyTo?: string | undefined
  /** What else stands at its head, such as when a meeting begins. */
  readonly facts?: readonly (readonly [name: string, value: string])[] | undefined
  readonly bodies: readonly Body[]
  readonly attachments: readonly Attachment[]
}

/** One text, in one form or in both. */
export interface Body {
  readonly text?: string | undefined
  readonly html?: string | undefined
}

export interface Attachment {
  readonly name: string | undefined
  readonly bytes: Uint8Array
  readonly mimeType?: string
}

/** As many people as a large list has. */
const longestLine = 20_000

/** The message as Markdown: subject, sender and recipients, then its body; attachments become documents of their own. */
export async function writeMessage(message: Message): Promise<FormatOutput> {
  const lines: string[] = []
  const line = (name: string, value: string | undefined): void => {
    if (value) lines.push(`- ${name}: ${value.replace(/\s+/g, ' ').slice(0, longestLine)}`)
  }
  const { subject, from, to = [], cc = [], bcc = [] } = message
  const createdAt = isoDate(message.date)
  line('From', from)
  line('To', to.join(', '))
  line('Cc', cc.join(', '))
  line('Bcc', bcc.join(', '))
  line('Date', createdAt ?? message.date)
  for (const [name, value] of message.facts ?? []) line(name, value)
  const title = subject?.replace(/\s+/g, ' ').trim()
  const body: string[] = []
  for (const each of message.bodies) body.push(await bodyText(each))
  const metadata: Record<string, Json> = {}
  if (to.length > 0) metadata.to = to.slice(0, 1000)
  if (cc.length > 0) metadata.cc = cc.slice(0, 1000)
  if (message.messageId) metadata.messageId = message.messageId
  if (message.inReplyTo) metadata.inReplyTo = message.inReplyTo
  const children = message.attachments.map(({ name, bytes, mimeType }, n) => ({
    path: name?.replaceAll(/[\\/]/g, '_').trim() || `attachment-${n + 1}`,
    bytes,
    ...(mimeType === undefined ? {} : { mimeType }),
  }))
  return {
    markdown: [title ? `# ${title}` : '', lines.join('\n'), ...body].filter((part) => part !== '').join('\n\n'),
    ...(title ? { title } : {}),
    ...(from ? { author: from } : {}),
    ...(createdAt ? { createdAt } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(children.length > 0 ? { children } : {}),
  }
}

/** HTML keeps links and tables; but where it says much less than the plain text beside it, that one is taken. */
async function bodyText({ html, text }: Body): Promise<string> {
  const plain = text?.trim() ?? ''
  if (!html) return plain
  const markdown = (await htmlToMarkdown(html)).trim()
  return markdown.length * 2 < plain.length ? plain : markdown
}
