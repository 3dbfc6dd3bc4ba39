/**
 * Notion's enhanced Markdown as plain Markdown: its tags become what they mean, code stays literal, and addresses of
 * files lose their signatures, which change hourly. https://developers.notion.com/guides/data-apis/enhanced-markdown
 */
export function cleanMarkdown(markdown: string): string {
  const lines: string[] = []
  let fence: string | undefined
  let prose: string[] = []
  const flush = () => {
    if (prose.length > 0) lines.push(cleanProse(prose.join('\n')))
    prose = []
  }
  for (const line of markdown.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined && mark === undefined) prose.push(line)
    else {
      flush()
      lines.push(line.replace(/^\t+/, (tabs) => '  '.repeat(tabs.length)))
      if (fence === undefined) fence = mark
      else if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined
    }
  }
  flush()
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function cleanProse(text: string): string {
  // Inline code is literal as well: it is cut out, and put back at the end.
  const codes: string[] = []
  const kept = text.replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, (code) => `\uE000${codes.push(code) - 1}\uE001`)
  return withoutTags(kept).replace(/\uE000(\d+)\uE001/g, (_, index) => codes[Number(index)] ?? '')
}

function withoutTags(text: string): string {
  return callouts(text)
    .replace(
      /^[ \t]*<\/?(columns|column|details|synced_block|synced_block_reference|meeting-notes|colgroup)\b[^>]*>[ \t]*\n?/gm,
      '',
    )
    .replace(/<summary>([\s\S]*?)<\/summary>/g, (_, title) => `**${String(title).trim()}**\n`)
    .replace(/<empty-block\s*\/?>|<table_of_contents\b[^>]*\/?>/g, '')
    .replace(
      /<(page|database|mention-page|mention-database|mention-data-source)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/g,
      (_, _tag, attributes, title) => link(title, attributes),
    )
    .replace(/<(file|pdf|audio|video|image)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/g, (_, _tag, attributes, title) =>
      link(title, attributes),
    )
    .replace(/<(mention-user|mention-agent|span)\b[^>]*?(?:\/>|>([\s\S]*?)<\/\1>)/g, (_, tag, inner = '') =>
      tag === 'span' || inner === '' ? inner : `@${inner}`,
    )
    .replace(/<mention-date\b([^>]*?)(?:\/>|>[\s\S]*?<\/mention-date>)/g, (_, attributes) =>
      [attribute(attributes, 'start'), attribute(attributes, 'end')].filter(Boolean).join(' → '),
    )
    .replace(/<unknown\b([^>]*?)(?:\/>|>[\s\S]*?<\/unknown>)/g, (_, attributes) => {
      const what = attribute(attributes, 'alt')
      return what ? `(${what})` : ''
    })
    .replace(/[ \t]*\{(?:(?:color|toggle|underline)="[^"\n]*"[ \t]*)+\}/g, '')
    .replace(
      /(https?:\/\/[^\s)"'<>]*?(?:amazonaws\.com|notion-static\.com|notionusercontent\.com)[^\s)"'<>?]*)\?[^\s)"'<>]*/g,
      '$1',
    )
    .replace(/^\t+/gm, (tabs) => '  '.repeat(tabs.length))
}

/** `<callout icon="💡">…</callout>` as a quotation; of nested ones the inner first. */
function callouts(text: string): string {
  const innermost = /^([ \t]*)<callout\b([^>]*)>\n?((?:(?!<callout\b)[\s\S])*?)\n?[ \t]*<\/callout>/m
  let result = text
  for (let found = innermost.exec(result); found; found = innermost.exec(result)) {
    const [all, indent = '', attributes = '', inner = ''] = found
    const icon = attribute(attributes, 'icon')
    const body = inner.split('\n').map((line) => line.replace(/^\s+/, ''))
    const quoted = [`> [!NOTE]${icon ? ` ${icon}` : ''}`, ...body.map((line) => `> ${line}`)]
    result =
      result.slice(0, found.index) +
      quoted.map((line) => indent + line).join('\n') +
      result.slice(found.index + all.length)
  }
  return result
}

function link(title: unknown, attributes: string): string {
  const url = (attribute(attributes, 'url') ?? attribute(attributes, 'src') ?? '').replace(/^\{\{|\}\}$/g, '')
  const text = typeof title === 'string' ? title.trim() : ''
  return /^https?:/.test(url) ? `[${text || url}](${url})` : text
}

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
}
