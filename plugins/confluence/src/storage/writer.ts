import { escapeMarkdown } from '@cx/core/markdown'
import type { Element, Nodes } from './dom.ts'

/** Where a text stands: what its links and mentions are resolved by. */
export interface Place {
  /** What addresses of the site begin with. */
  readonly web: string
  readonly spaceKey: string
  readonly pageId: string
  /** A person's name by the id in a mention; undefined when it is not known. */
  nameOf(id: string): string | undefined
}

/** What the parts of the renderer hand to each other. */
export interface Writer {
  readonly place: Place
  /** In a table everything is one line. */
  readonly inCell: boolean
  blocks(nodes: Nodes): string
  inline(nodes: Nodes): string
  /** A macro as a block, or as a part of a line. */
  macro(element: Element): string
  /** The same, inside a table. */
  cell(): Writer
}

/** Text that shows as it is. In tables, bars are left to the table. */
export function escaped(text: string, { inCell }: Pick<Writer, 'inCell'>): string {
  const safe = escapeMarkdown(text)
  return inCell ? safe.replaceAll('\\|', '|') : safe
}

export function link(label: string, url: string): string {
  const target = url.replace(/[\s()<>]/g, (character) =>
    encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  )
  return `[${label || escapeMarkdown(target)}](${target})`
}

/** Lines that belong to a list item or a task. */
export function indented(text: string, by: number): string {
  return text.replace(/\n(?=[^\n])/g, `\n${' '.repeat(by)}`)
}

export function quote(text: string): string {
  return text.replace(/^/gm, '> ').replace(/^> $/gm, '>')
}

/** Code between fences longer than any in it; in a table, line by line. */
export function codeBlock(code: string, language: string, { inCell }: Pick<Writer, 'inCell'>): string {
  const body = code.replace(/\r\n?/g, '\n').replace(/\n+$/, '')
  if (inCell)
    return body
      .split('\n')
      .map((line) => (line.trim() === '' ? '' : codeSpan(line)))
      .join('<br>')
  const longest = Math.max(2, ...[...body.matchAll(/`{3,}/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${body}\n${fence}`
}

export function codeSpan(text: string): string {
  const runs = new Set([...text.matchAll(/`+/g)].map(([run]) => run.length))
  let length = 1
  while (runs.has(length)) length++
  const mark = '`'.repeat(length)
  const pad = /^`|`$/.test(text) ? ' ' : ''
  return `${mark}${pad}${text}${pad}${mark}`
}
