import { blocksToMarkdown } from './blocks.ts'
import { hasThread } from './messages.ts'
import { escapeText, link, mrkdwnToMarkdown, mrkdwnToPlain } from './mrkdwn.ts'
import type { Names } from './people.ts'
import { isoOf } from './time.ts'
import type { Attachment, Message, SlackFile } from './types.ts'

/** Messages, oldest first, as one Markdown document. `threadUrl` is given where parents should point to their threads. */
export function renderMessages(
  messages: readonly Message[],
  names: Names,
  threadUrl?: (message: Message) => string,
): string {
  return messages.map((message) => `${renderMessage(message, names, threadUrl)}\n`).join('\n')
}

function renderMessage(message: Message, names: Names, threadUrl: ((message: Message) => string) | undefined): string {
  const time = isoOf(message.ts).slice(0, 16).replace('T', ' ')
  const edited = message.edited ? ' (edited)' : ''
  const parts = [`**${escapeText(authorOf(message, names))}** ${time}${edited}`, bodyOf(message, names)]
  if (message.files?.length) parts.push(message.files.map(fileLine).join('\n'))
  if (threadUrl && hasThread(message)) {
    const count = message.reply_count!
    parts.push(`↳ ${link(threadUrl(message), count === 1 ? '1 reply' : `${count} replies`)}`)
  }
  return parts.filter((part) => part !== '').join('\n\n')
}

/** Who says it; bots may call themselves anything. */
export function authorOf(message: Message, names: Names): string {
  const { user, username, user_profile: profile, bot_id: bot } = message
  const known = user && names.user(user)
  const unlisted = known === user && (profile?.display_name || profile?.real_name)
  return username || unlisted || known || bot || 'unknown'
}

function bodyOf(message: Message, names: Names): string {
  const blocks = message.blocks ? blocksToMarkdown(message.blocks, names) : ''
  const text = blocks || mrkdwnToMarkdown(message.text ?? '', names)
  return [text.trim(), ...(message.attachments ?? []).map((one) => renderAttachment(one, names))]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Bots put what they say in here; links show what they lead to. */
function renderAttachment(attachment: Attachment, names: Names): string {
  const { pretext, author_name, title, title_link, text, fields = [], blocks, message_blocks = [] } = attachment
  const markdown = (value: string | undefined) => (value ? mrkdwnToMarkdown(value, names) : '')
  const nested = [blocks ?? [], ...message_blocks.map(({ message }) => message?.blocks ?? [])]
  const parts = [
    markdown(pretext),
    escapeText(author_name ?? ''),
    title ? `**${title_link ? link(title_link, title) : escapeText(title)}**` : '',
    markdown(text),
    ...fields.map((field) =>
      [field.title && `**${escapeText(field.title)}:**`, markdown(field.value)].filter(Boolean).join(' '),
    ),
    ...nested.map((one) => blocksToMarkdown(one, names)),
  ].filter((part) => part !== '')
  return parts.length > 0 ? parts.join('\n\n') : markdown(attachment.fallback)
}

function fileLine(file: SlackFile): string {
  const name = fileName(file)
  return `Attached: ${file.permalink ? link(file.permalink, name) : escapeText(name)}`
}

export function fileName(file: SlackFile): string {
  return file.name || file.title || file.id
}

const titleLength = 60

/** The first words of a message, on one line. */
export function firstWords(message: Message, names: Names): string {
  const own = mrkdwnToPlain(message.text ?? '', names)
  const attached = message.attachments?.[0]
  const text =
    own ||
    mrkdwnToPlain(attached?.title ?? attached?.text ?? attached?.fallback ?? '', names) ||
    (message.files?.[0] ? fileName(message.files[0]) : '')
  const characters = [...text]
  return characters.length <= titleLength ? text : `${characters.slice(0, titleLength).join('').trimEnd()}…`
}
