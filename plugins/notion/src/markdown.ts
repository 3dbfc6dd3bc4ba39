import { markdownTable } from '@cx/core/markdown'

/**
 * Notion's enhanced Markdown as plain Markdown: its tags become what they mean, code stays literal, and addresses of
 * files lose their signatures, which change hourly. https://developers.notion.com/guides/data-apis/enhanced-markdown
 */
export function cleanMarkdown(markdown: string): string {
  const lines: string[] = []
  let fence: { readonly mark: string; readonly tabs: number } | undefined
  let prose: string[] = []
  let table: string[] | undefined
  const open: string[] = []
  const flush = () => {
    if (prose.length > 0) lines.push(cleanProse(prose.join('\n')).replace(/\n{3,}/g, '\n\n'))
    prose = []
  }
  for (const raw of markdown.split('\n')) {
    if (table === undefined && fence === undefined && /^[ \t]*<table\b[^>]*>[ \t]*$/.test(raw)) table = []
    if (table !== undefined) {
      table.push(raw)
      if (!/<\/table>[ \t]*$/.test(raw)) continue
      flush()
      lines.push(...['', ...tableOf(table.join('\n')).split('\n'), ''].map((line) => quoted(line, open)))
      table = undefined
      continue
    }
    const frame = fence === undefined ? frames.exec(raw) : null
    if (frame !== null && !(frame[2] === 'summary' && frame[4] !== undefined)) {
      const [, slash = '', tag = '', attributes = '', only] = frame
      // Notion now and then closes what is not open.
      if (slash && open.at(-1) !== tag) continue
      if (slash) open.pop()
      else open.push(tag)
      // What follows would go on with the quotation.
      if (slash && tag === 'callout') prose.push(quoted('', open))
      const icon = attribute(attributes, 'icon')
      if (!slash && tag === 'callout') prose.push(quoted(`[!NOTE]${icon ? ` ${icon}` : ''}`, open))
      if (only === undefined) continue
      prose.push(quoted(only, open))
      open.pop()
      if (tag === 'callout') prose.push(quoted('', open))
      continue
    }
    const line = quoted(indented(raw, open.length, fence?.tabs), open)
    const mark = /^\s*(`{3,}|~{3,})/.exec(raw)?.[1]
    if (fence === undefined && mark === undefined) prose.push(line)
    else {
      flush()
      lines.push(line)
      if (fence === undefined) fence = { mark: mark!, tabs: /^\t*/.exec(raw)![0].length }
      else if (mark?.startsWith(fence.mark) && raw.trim() === mark) fence = undefined
    }
  }
  flush()
  if (table !== undefined) lines.push(...table)
  return lines.join('\n').trim()
}

/** Tags around blocks that only group them: what they hold moves a level out. A callout becomes a quotation. */
const frames =
  /^[ \t]*<(\/?)(columns|column|details|synced_block|synced_block_reference|meeting-notes|summary|notes|transcript|callout)\b([^>]*)(?<!\/)>(?:[ \t]*|(.+)<\/\2>[ \t]*)$/

/** Deeper quotations than anyone writes would grow with the square of their number. */
const deepest = 10

function quoted(line: string, open: readonly string[]): string {
  let depth = 0
  for (let at = open.length - 1; at >= 0 && depth < deepest; at--) if (open[at] === 'callout') depth++
  return '> '.repeat(depth) + line
}

/** A level of Notion's is a tab, which Markdown takes as code where it stands alone. Of code, only those around it. */
function indented(line: string, depth: number, most: number = Number.POSITIVE_INFINITY): string {
  const tabs = Math.min(/^\t*/.exec(line)![0].length, most)
  return '    '.repeat(Math.max(0, tabs - depth)) + line.slice(tabs)
}

/** The first row stands above the line, as Markdown wants it. Cells hold a line of text each. */
function tableOf(markup: string): string {
  const rows = partsOf(markup, /(?<!\\)<tr\b[^>\n]{0,400}>/, '</tr>').map((row) =>
    partsOf(row, /(?<!\\)<t[dh]\b[^>\n]{0,400}>/, /<\/t[dh]>/).map((cell) =>
      cleanProse(cell).trim().replace(/\s+/g, ' ').replaceAll('\\|', '|'),
    ),
  )
  const width = Math.max(0, ...rows.map((row) => row.length))
  const [head = [], ...rest] = rows
  return width === 0
    ? ''
    : markdownTable(
        Array.from({ length: width }, (_, at) => head[at] ?? ''),
        rest,
      )
}

function partsOf(text: string, begin: RegExp, end: RegExp | string): string[] {
  return text
    .split(begin)
    .slice(1)
    .map((part) => part.split(end, 1)[0]!)
}

function cleanProse(text: string): string {
  // Inline code is literal as well: it is cut out, and put back at the end.
  const codes: string[] = []
  const kept = text.replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, (code) => `\uE000${codes.push(code) - 1}\uE001`)
  return withoutTags(kept).replace(/\uE000(\d+)\uE001/g, (_, index) => codes[Number(index)] ?? '')
}

/** Where Notion keeps files. */
const ownStorage = /amazonaws\.com|notion-static\.com|notionusercontent\.com/

// Attributes and texts are bounded: without, a long line of tags that never close would take minutes.
function withoutTags(text: string): string {
  return text
    .replace(/(?<!\\)<summary>([^\n]{0,4000}?)<\/summary>/g, (_, title) => `**${String(title).trim()}**\n`)
    .replace(/^([ \t]*(?:> ?)*)(.*)$/gm, (_, lead, line) => lead + line.replace(/(?<!\\)<br\s*\/?>/g, `\n${lead}`))
    .replace(/(?<!\\)<empty-block\s*\/?>|(?<!\\)<table_of_contents\b[^>\n]{0,4000}\/?>/g, '')
    .replace(
      /(?<!\\)<(page|database|mention-page|mention-database|mention-data-source)\b([^>\n]{0,4000}?)(?:\/>|>([^\n]{0,4000}?)<\/\1>)/g,
      (_, _tag, attributes, title) => link(title, attributes),
    )
    .replace(
      /(?<!\\)<(file|pdf|audio|video|image|bookmark|embed)\b([^>\n]{0,4000}?)(?:\/>|>([^\n]{0,4000}?)<\/\1>)/g,
      (_, _tag, attributes, title) => link(title, attributes),
    )
    .replace(
      /(?<!\\)<(mention-user|mention-agent)\b[^>\n]{0,4000}?(?:\/>|>([^\n]{0,4000}?)<\/\1>)/g,
      (_, _tag, name = '') => (name === '' ? '' : `@${name}`),
    )
    .replace(/(?<!\\)<\/?span\b[^>\n]{0,4000}>/g, '')
    .replace(/(?<!\\)<mention-date\b([^>\n]{0,4000}?)(?:\/>|>[^\n]{0,4000}?<\/mention-date>)/g, (_, attributes) =>
      [attribute(attributes, 'start'), attribute(attributes, 'end')].filter(Boolean).join(' → '),
    )
    .replace(/(?<!\\)<unknown\b([^>\n]{0,4000}?)(?:\/>|>[^\n]{0,4000}?<\/unknown>)/g, (_, attributes) => {
      const what = attribute(attributes, 'alt')
      return what ? `(${what})` : ''
    })
    .replace(/(?<![ \t])[ \t]*\{(?:(?:color|toggle|underline)="[^"\n]*"[ \t]*)+\}/g, '')
    .replace(/https?:\/\/[^\s)"'<>]+/g, (url) => {
      const [address = '', signature] = url.split('?', 2)
      return signature !== undefined && ownStorage.test(address) ? address : url
    })
}

function link(title: unknown, attributes: string): string {
  const given = ['url', 'src', 'source'].map((name) => attribute(attributes, name))
  const url = (given.find((one) => one !== undefined) ?? '').replace(/^\{\{|\}\}$/g, '')
  const text = typeof title === 'string' ? title.trim() : ''
  return /^https?:/.test(url) ? `[${text || url}](${url})` : text
}

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
}
