import type { Names } from './people.ts'

const open = '\uE000'
const close = '\uE001'
const tokens = /```[\s\S]*?```|`[^`\n]+`|<[^<>\n]*>/g
const held = /\uE000(\d+)\uE001/g
const before = '(^|[\\s([{"\'.,;:!?>~_*\\-\u2014])'
const after = '(?=$|[\\s)\\]}"\'.,;:!?<~_*\\-\u2014])'
const bold = new RegExp(`${before}\\*(?! )([^*\\n]*[^*\\n ])\\*${after}`, 'gm')
const strike = new RegExp(`${before}~(?! )([^~\\n]*[^~\\n ])~${after}`, 'gm')

/**
 * Slack's own markup as Markdown, with mentions as names. Code is left alone; `&amp;`, `&lt;` and `&gt;` are the only
 * entities. https://docs.slack.dev/messaging/formatting-message-text
 */
export function mrkdwnToMarkdown(text: string, names: Names): string {
  const kept: string[] = []
  const hold = (markdown: string) => `${open}${kept.push(markdown) - 1}${close}`
  const plain = text.replace(/[\uE000\uE001]/g, '').replace(tokens, (token) => {
    if (token.startsWith('```')) return hold(fence(decode(token.slice(3, -3))))
    if (token.startsWith('`')) return hold(decode(token))
    return hold(reference(token.slice(1, -1), names))
  })
  const formatted = plain
    .replace(bold, '$1**$2**')
    .replace(strike, '$1~~$2~~')
    .replace(/^&gt;&gt;&gt;\s?([\s\S]*)/m, (_, rest: string) => quote(rest))
    .replace(/^&gt;[ ]?/gm, '> ')
    .replace(/^(#{1,6})(?= )/gm, '\\$1')
  return decodeText(formatted).replace(held, (_, index: string) => kept[Number(index)]!)
}

/** The same as one line of plain words, for titles. */
export function mrkdwnToPlain(text: string, names: Names): string {
  return decode(
    text
      .replace(/<[^<>\n]*>/g, (token) => plainReference(token.slice(1, -1), names))
      .replace(/```|(?<=^|\s)[*_~`](?=\S)|(?<=\S)[*_~`](?=\s|$|[.,;:!?])/g, ''),
  )
    .replace(/\s+/g, ' ')
    .trim()
}

/** What stands between angle brackets: a mention, a link, a date. */
function reference(inner: string, names: Names): string {
  if (/^[@#!]/.test(inner)) return escapeText(plainReference(inner, names))
  const [url, label] = split(inner)
  const target = decode(url)
  return label === undefined || label === '' ? bareUrl(target) : link(target, decode(label))
}

function plainReference(inner: string, names: Names): string {
  const [target, label] = split(inner)
  const id = target.slice(1)
  if (target.startsWith('@')) return `@${names.user(id)}`
  if (target.startsWith('#')) return `#${label || names.channel(id) || id}`
  if (!target.startsWith('!')) return decode(label || bareUrl(target))
  const [kind = '', ...rest] = id.split('^')
  if (kind === 'subteam') return decode(label || `@${names.group(rest[0] ?? '') ?? rest[0]}`)
  if (kind === 'date') return decode(label ?? '')
  return decode(label || `@${kind}`)
}

function split(inner: string): [string, string | undefined] {
  const bar = inner.indexOf('|')
  return bar < 0 ? [inner, undefined] : [inner.slice(0, bar), inner.slice(bar + 1)]
}

export function link(url: string, label: string): string {
  if (label === url || url === `mailto:${label}` || url === `tel:${label}`) return label
  return `[${label.replace(/[[\]\\]/g, '\\$&').replace(/\s+/g, ' ')}](${url.replaceAll('(', '%28').replaceAll(')', '%29').replaceAll(' ', '%20')})`
}

function bareUrl(url: string): string {
  return url.replace(/^(mailto|tel):/, '')
}

/** A code block that its content cannot end. */
export function fence(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length))
  const ticks = '`'.repeat(longest + 1)
  return `\n${ticks}\n${code.replace(/^\n|\n$/g, '')}\n${ticks}\n`
}

export function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

/** `<` as text: bare, Markdown would take a type parameter for an HTML tag. */
export function escapeText(text: string): string {
  return text.replaceAll('<', '\\<')
}

function decode(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function decodeText(text: string): string {
  return text.replaceAll('&lt;', '\\<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
