import type { Config } from './config.ts'
import type { Message } from './types.ts'

/** Notices that say nothing. https://docs.slack.dev/reference/events/message#subtypes */
const notices = new Set([
  ...['channel', 'group'].flatMap((kind) =>
    [
      'join',
      'leave',
      'topic',
      'purpose',
      'name',
      'archive',
      'unarchive',
      'posting_permissions',
      'convert_to_private',
      'convert_to_public',
    ].map((what) => `${kind}_${what}`),
  ),
  'pinned_item',
  'unpinned_item',
  'bot_add',
  'bot_remove',
  'bot_enable',
  'bot_disable',
  'ekm_access_denied',
  'reminder_add',
  'reminder_delete',
  'sh_room_created',
  'tombstone',
  'message_deleted',
])

/** Whether somebody says something in it. */
export function speaks(message: Message, config: Pick<Config, 'includeBots'>): boolean {
  if (message.subtype !== undefined && notices.has(message.subtype)) return false
  return config.includeBots || (message.subtype !== 'bot_message' && message.bot_id === undefined)
}

/** Whether it stands in the channel itself. A reply that was also sent to the channel belongs to its thread. */
export function isTopLevel(message: Message): boolean {
  return message.thread_ts === undefined || message.thread_ts === message.ts
}

export function hasThread(message: Message): boolean {
  return (message.reply_count ?? 0) > 0 && isTopLevel(message)
}

/** What of a message shows in documents: where this changes, so must the version. */
export function visible(message: Message): unknown {
  return [
    message.ts,
    message.user,
    message.username,
    message.bot_id,
    message.subtype,
    message.text,
    message.blocks,
    message.attachments,
    message.files?.map(({ id, name, title, permalink, mode }) => [id, name, title, permalink, mode]),
    message.edited?.ts,
    message.reply_count,
  ]
}
