import { close, open } from './small-index.ts'

/** Characters of a snippet, about: half as many of writing in which a character is half a word. */
const length = 300
/** Of those, before the first match. */
const before = 80
/** Characters within which a cut looks for a space. */
const reach = 30
/** Matches that are looked at to find the place where most stand together. */
const mostMarks = 500

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const marker = `${open}${close}`
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What Markdown has for machines, and what it is replaced by. */
const noise: readonly (readonly [RegExp, string])[] = [
  [/<!--[\s\S]*?-->/g, ' '],
  [/<img\s[^<>]*?\balt="([^"<>]*)"[^<>]*>/gi, ' $1 '],
  [/<\/?(?:a|br|div|img|p|picture|source|span)(?:\s[^<>]*)?\/?>/gi, ' '],
  // An image in a link is two steps.
  [/!\[((?:[^[\]\\]|\\.)*)\]\((?=[^()\s]*[./:#])[^()\s]*(?:\s+"[^"]*")?\)/g, '$1'],
  [/\[([^[\]]*)\]\((?=[^()\s]*[./:#])[^()\s]*(?:\s+"[^"]*")?\)/g, '$1'],
  [/(?<![\p{L}\p{N}*])\*\*(?=\S)([^*\n]+)(?<=\S)\*\*(?![\p{L}\p{N}*])/gu, '$1'],
  [/\\([*_[\]#|<>])/g, '$1'],
  [/^#{1,6} /gm, ''],
  [/^[ \t|:-]*---[ \t|:-]*$/gm, ' '],
  // Colours of a terminal, then what else cannot be shown.
  [/\u001b\[[0-9;]*m/g, ''],
  [/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g, ' '],
  [/([^\p{L}\p{N}\s])\1{3,}/gu, '$1$1$1'],
  [/\s+/g, ' '],
]
const marks = new RegExp(`[${marker}]`)

/** Marks in addresses go where what they mark is marked in the text as well; else what they stand in is left as it is. */
function readable(marked: string): string {
  const without = cleaned(marked, false)
  const left = words(without)
  for (const word of words(marked)) if (!left.has(word)) return cleaned(marked, true)
  return without
}

function cleaned(marked: string, isCareful: boolean): string {
  let text = marked
  for (const [pattern, instead] of noise)
    text = text.replace(pattern, (found: string, kept: unknown) => {
      const to = instead.includes('$1') ? instead.replaceAll('$1', String(kept)) : instead
      const opened = lost(found, to, open)
      return (isCareful && opened > 0) || opened !== lost(found, to, close) ? found : to
    })
  return text.trim()
}

/** How many marks that stand in `from` do not in `to`. */
function lost(from: string, to: string, mark: string): number {
  return marks.test(from) ? from.split(mark).length - to.split(mark).length : 0
}

/** What is marked. */
function words(marked: string): ReadonlySet<string> {
  const { text, spans } = parse(marked)
  return new Set(spans.map(({ from, to }) => text.slice(from, to).toLowerCase()))
}

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * The part of a chunk where most of what was looked for stands together, as HTML: escaped, `<mark>` around matches, cut
 * between words where there are spaces and never through a character. `marked` has `open` and `close` around matches.
 */
export function snippet(marked: string): string {
  const { text, spans } = parse(readable(marked))
  const wide = text.slice(0, length).match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0
  const size = wide > Math.min(text.length, length) / 3 ? length / 2 : length
  if (text.length <= size) return html(text, spans, { from: 0, to: text.length })
  const first = densest(text, spans, size - before)
  let from = Math.max(0, Math.min((first?.from ?? 0) - before, text.length - size))
  if (first !== undefined) from = Math.min(from, first.from)
  from = from === 0 ? 0 : start(text, from, first?.from ?? from)
  const to = from + size >= text.length ? text.length : end(text, from + size)
  return `${from > 0 ? '…' : ''}${html(text, spans, { from, to })}${to < text.length ? '…' : ''}`
}

function parse(marked: string): { readonly text: string; readonly spans: readonly Span[] } {
  const spans: Span[] = []
  let text = ''
  let from = 0
  for (const part of marked.split(new RegExp(`(?=[${marker}])`))) {
    const mark = part.charAt(0)
    if (mark === open) from = text.length
    else if (mark === close) spans.push({ from, to: text.length })
    text += mark === open || mark === close ? part.slice(1) : part
  }
  return { text, spans }
}

/** The match from which on the most different ones, then the most of all, lie within `size`. */
function densest(text: string, spans: readonly Span[], size: number): Span | undefined {
  const some = spans.slice(0, mostMarks)
  const words = some.map(({ from, to }) => text.slice(from, to).toLowerCase())
  const inside = new Map<string, number>()
  let best: { readonly span: Span; readonly different: number; readonly all: number } | undefined
  let next = 0
  for (const [i, span] of some.entries()) {
    for (; next < some.length && some[next]!.to <= span.from + size; next++)
      inside.set(words[next]!, (inside.get(words[next]!) ?? 0) + 1)
    const [different, all] = [inside.size, next - i]
    if (best === undefined || different > best.different || (different === best.different && all > best.all))
      best = { span, different, all }
    next = Math.max(next, i + 1)
    const left = (inside.get(words[i]!) ?? 0) - 1
    if (left > 0) inside.set(words[i]!, left)
    else inside.delete(words[i]!)
  }
  return best?.span
}

/** Where a sentence begins before the match, or else a word. */
function start(text: string, at: number, match: number): number {
  const sentence = /[.!?]\s/.exec(text.slice(at, match))
  if (sentence !== null) return at + sentence.index + 2
  const space = text.slice(at, Math.min(at + reach, match)).search(/\s/)
  return space === -1 ? (graphemes.segment(text).containing(at)?.index ?? at) : at + space + 1
}

function end(text: string, at: number): number {
  const space = text.slice(at - reach, at + 1).lastIndexOf(' ')
  return space === -1 ? (graphemes.segment(text).containing(at)?.index ?? at) : at - reach + space
}

function html(text: string, spans: readonly Span[], { from, to }: Span): string {
  let out = ''
  let at = from
  for (const span of spans) {
    if (span.to <= from || span.from >= to) continue
    const [begin, stop] = [Math.max(span.from, at), Math.min(span.to, to)]
    out += `${escaped(text.slice(at, begin))}<mark>${escaped(text.slice(begin, stop))}</mark>`
    at = stop
  }
  return out + escaped(text.slice(at, to))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
