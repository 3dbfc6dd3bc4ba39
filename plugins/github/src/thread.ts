import type { Content } from '@cx/core'

/** One contribution to an issue, a pull request or a discussion. */
export interface Post {
  readonly author: string
  readonly at: string
  readonly body: string
  /** What kind it is, where it is no plain comment: "review: APPROVED", "on src/x.ts". */
  readonly about?: string
}

/** A conversation as Markdown: what was asked, then what was said, in the order of time. */
export interface Thread {
  readonly title: string
  readonly heading: string
  readonly labels: readonly string[]
  readonly body: string
  readonly posts: readonly Post[]
}

export function renderThread(thread: Thread, filename: string): Content {
  const lines = [`# ${thread.title}`, '', thread.heading]
  if (thread.labels.length > 0) lines.push('', `Labels: ${thread.labels.join(', ')}`)
  if (thread.body.trim() !== '') lines.push('', thread.body.trim())
  const posts = [...thread.posts].sort((a, b) => a.at.localeCompare(b.at))
  for (const post of posts) {
    if (post.body.trim() === '' && !post.about) continue
    lines.push('', `## ${post.author}, ${post.at}${post.about ? ` (${post.about})` : ''}`)
    if (post.body.trim() !== '') lines.push('', post.body.trim())
  }
  return { body: `${lines.join('\n')}\n`, mimeType: 'text/markdown', filename, title: thread.title }
}

/** Deleted accounts show as GitHub shows them. */
export function nameOf(author: { readonly login: string } | null | undefined): string {
  return author?.login ?? 'ghost'
}
