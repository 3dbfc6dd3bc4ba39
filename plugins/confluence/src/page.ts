import { escapeMarkdown, frontMatter } from '@cx/core/markdown'

export interface Comment {
  readonly author: string
  readonly at: string | undefined
  /** What an inline comment is about, as it stood when it was made. */
  readonly about: string | undefined
  /** Answers are one deeper than what they answer. */
  readonly depth: number
  readonly body: string
}

/** A whole document: its title, its text, then what was said about it. */
export function pageMarkdown({
  title,
  labels,
  body,
  comments,
}: {
  readonly title: string
  readonly labels: readonly string[]
  readonly body: string
  readonly comments: readonly Comment[]
}): string {
  const parts = [`# ${escapeMarkdown(title)}`, body]
  if (comments.length > 0) parts.push('## Comments', ...comments.map(commentMarkdown))
  return `${frontMatter(labels.length > 0 ? { labels } : {})}${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function commentMarkdown({ author, at, about, depth, body }: Comment): string {
  const head = [`**${escapeMarkdown(author) || 'Someone'}**`, at?.slice(0, 10)].filter(Boolean).join(', ')
  const text = [about ? `${head}, on “${escapeMarkdown(about)}”:` : `${head}:`, body].join('\n\n')
  const mark = '> '.repeat(Math.min(depth, 5))
  return mark === '' ? text : text.replace(/^/gm, mark).replace(/ +$/gm, '')
}
