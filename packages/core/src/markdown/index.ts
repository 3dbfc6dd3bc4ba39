import { readFileSync } from 'node:fs'
import { htmlToMarkdown as convert, initSync } from 'mdream/wasm'
import type { Json } from '../contract/schema.ts'

let ready = false

/** HTML to Markdown: headings, lists, links, tables and code stay. For what a vendor's API sends; whole pages go to the parse pool as they are. */
export function htmlToMarkdown(html: string): string {
  if (!ready) {
    initSync({ module: readFileSync(new URL(import.meta.resolve('mdream/wasm/mdream_edge_bg.wasm'))) })
    ready = true
  }
  return convert(html, {})
}

/** Text as Markdown that shows just that text. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, '\\$&').replace(/^(\s*)([#+-]|\d+[.)])(?=\s)/gm, '$1\\$2')
}

/** A table; cells are made one line each. Short rows are filled up. */
export function markdownTable(header: readonly string[], rows: Iterable<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${header.map((_, i) => cell(cells[i] ?? '')).join(' | ')} |`
  const lines = [line(header), `|${header.map(() => ' --- ').join('|')}|`]
  for (const row of rows) lines.push(line(row))
  return lines.join('\n')
}

function cell(text: string): string {
  return text.replace(/\r?\n/g, '<br>').replaceAll('|', '\\|').trim()
}

/** Properties as YAML front matter (JSON values are YAML). Empty when there are none. */
export function frontMatter(properties: Readonly<Record<string, Json | undefined>>): string {
  const lines = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined || value === null || value === ''
      ? []
      : [`${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}: ${JSON.stringify(value)}`],
  )
  return lines.length === 0 ? '' : `---\n${lines.join('\n')}\n---\n\n`
}
