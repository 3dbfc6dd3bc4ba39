import { markdownTable } from '@cx/core/markdown'
import { escapeText, fence, link, mrkdwnToMarkdown, quote } from './mrkdwn.ts'
import type { Names } from './people.ts'
import type { Block } from './types.ts'

/** Block Kit as Markdown: what people write (`rich_text`) and what apps build. https://docs.slack.dev/reference/block-kit/blocks */
export function blocksToMarkdown(blocks: readonly Block[], names: Names): string {
  return blocks
    .map((block) => blockToMarkdown(block, names))
    .filter((text) => text !== '')
    .join('\n\n')
}

function blockToMarkdown(block: Block, names: Names): string {
  switch (block.type) {
    case 'rich_text':
      return richText(block.elements ?? [], names)
    case 'header':
      return `**${textOf(block.text, names)}**`
    case 'section': {
      const fields = (block.fields ?? []).map((field) => textOf(field, names))
      return [textOf(block.text, names), ...fields].filter((text) => text !== '').join('\n\n')
    }
    case 'context':
      return (block.elements ?? [])
        .map((element) => textOf(element.type === 'image' ? element.alt_text : element, names))
        .join(' ')
    case 'markdown':
      return typeof block.text === 'string' ? block.text : ''
    case 'image':
    case 'video':
      return imageToMarkdown(block, names)
    case 'table':
      return tableToMarkdown(block, names)
    default:
      // Dividers, buttons and inputs say nothing.
      return ''
  }
}

/** Parts stand apart, or text would go on with the list or quote before it; lists of one list stand together. */
function richText(elements: readonly Block[], names: Names): string {
  let text = ''
  let before: Block | undefined
  for (const element of elements) {
    const part = richElement(element, names).replace(/^\n+|\s+$/g, '')
    if (part === '') continue
    const isList = element.type === 'rich_text_list'
    const together = isList && before?.type === 'rich_text_list' && (before.indent ?? 0) + (element.indent ?? 0) > 0
    text += `${text === '' ? '' : together ? '\n' : '\n\n'}${part}`
    before = element
  }
  return text
}

function imageToMarkdown(block: Block, names: Names): string {
  const title = textOf(block.title, names) || block.alt_text || ''
  const url = block.title_url ?? block.image_url
  return url && title ? link(url, title) : title
}

function tableToMarkdown({ rows = [] }: Block, names: Names): string {
  const cells = rows.map((row) =>
    row.map((cell) =>
      cell.type === 'rich_text' ? blockToMarkdown(cell, names) : escapeText(textOf(cell.text, names)),
    ),
  )
  const [header, ...rest] = cells
  return header === undefined ? '' : markdownTable(header, rest)
}

function textOf(text: Block['text'] | Block | undefined, names: Names): string {
  if (text === undefined) return ''
  if (typeof text === 'string') return escapeText(text)
  const { type, text: inner } = text
  if (typeof inner !== 'string') return ''
  return type === 'mrkdwn' ? mrkdwnToMarkdown(inner, names) : escapeText(inner)
}

function richElement(element: Block, names: Names): string {
  switch (element.type) {
    case 'rich_text_list':
      return listToMarkdown(element, names)
    case 'rich_text_quote':
      return quote(inline(element, names))
    case 'rich_text_preformatted':
      return fence(
        (element.elements ?? []).map((one) => (typeof one.text === 'string' ? one.text : (one.url ?? ''))).join(''),
      )
    default:
      return inline(element, names)
  }
}

function listToMarkdown({ elements = [], style, indent = 0, offset = 0 }: Block, names: Names): string {
  const ordered = style === 'ordered'
  const margin = '   '.repeat(indent)
  return elements
    .map((item, index) => {
      const mark = ordered ? `${offset + index + 1}.` : '-'
      return `${margin}${mark} ${inline(item, names).replaceAll('\n', `\n${margin}   `)}`
    })
    .join('\n')
}

function inline({ elements = [] }: Block, names: Names): string {
  return elements.map((element) => styled(element, inlineElement(element, names))).join('')
}

function inlineElement(element: Block, names: Names): string {
  const text = typeof element.text === 'string' ? element.text : ''
  switch (element.type) {
    case 'text':
      return isCode(element) ? text : escapeText(text)
    case 'link':
      return text ? link(element.url ?? '', text) : (element.url ?? '')
    case 'user':
      return `@${names.user(element.user_id ?? '')}`
    case 'usergroup':
      return `@${names.group(element.usergroup_id ?? '') ?? element.usergroup_id}`
    case 'channel':
      return `#${names.channel(element.channel_id ?? '') ?? element.channel_id}`
    case 'broadcast':
      return `@${element.range}`
    case 'emoji':
      return emoji(element)
    case 'date':
      return element.fallback ?? new Date((element.timestamp ?? 0) * 1000).toISOString()
    case 'color':
      return element.value ?? ''
    default:
      return escapeText(text || element.fallback || '')
  }
}

/** The character where it is a standard one, else its name. */
function emoji({ unicode, name }: Block): string {
  const codes = (unicode ?? '').split('-').map((code) => Number.parseInt(code, 16))
  const valid = codes.every((code) => code > 0 && code <= 0x10ffff)
  return valid ? String.fromCodePoint(...codes) : `:${name}:`
}

function isCode({ style }: Block): boolean {
  return typeof style === 'object' && style.code === true
}

/** Bold, italic, strike and code; spaces stay outside, where Markdown wants them. */
function styled(element: Block, text: string): string {
  const { style } = element
  if (typeof style !== 'object' || text.trim() === '') return text
  const [, lead = '', core = '', trail = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? []
  let marked = core
  if (style.code) marked = core.includes('`') ? `\`\` ${core} \`\`` : `\`${core}\``
  if (style.bold) marked = `**${marked}**`
  if (style.italic) marked = `_${marked}_`
  if (style.strike) marked = `~~${marked}~~`
  return lead + marked + trail
}
