import type { FormatOutput, Limits } from '../format.ts'
import { readPage } from '../html/read.ts'
import { Source } from '../html/source.ts'
import type { Body } from './message.ts'
import { decodeWords } from './words.ts'

/** A page that says less than that is the frame around those beside it. */
const hardlyAnything = 200

/**
 * Whether a message is no message but a page that a browser or an office program saved as one file (MHTML, RFC 2557):
 * browsers call themselves the sender, office programs leave the sender out.
 */
export function isSavedPage(header: ReadonlyMap<string, string>): boolean {
  if (header.has('snapshot-content-location') || header.has('x-maf')) return true
  const from = header.get('from') ?? ''
  if (/^["<\s]*saved by /i.test(from)) return true
  const isAddressed = ['from', 'sender', 'to', 'cc', 'bcc', 'message-id', 'received'].some((name) => header.has(name))
  return !isAddressed && /^\s*multipart\/related/i.test(header.get('content-type') ?? '')
}

/** The page, with its own title, author and dates; pictures and styles beside it are only how it looks. */
export function readSavedPage(
  header: ReadonlyMap<string, string>,
  bodies: readonly Body[],
  limits: Limits,
): FormatOutput | undefined {
  const [page, ...frames] = bodies.flatMap(({ html }) => (html ? [readPage(new Source(html), limits.maxOutputChars)] : []))
  if (page === undefined) return undefined
  const title = page.title ?? (decodeWords(header.get('subject') ?? '').trim() || undefined)
  const url = header.get('snapshot-content-location') ?? header.get('content-location')
  const isWeb = url !== undefined && /^https?:/i.test(url.trim())
  const texts = page.markdown.length < hardlyAnything ? [page, ...frames] : [page]
  return {
    ...page,
    markdown: texts.map(({ markdown }) => markdown).join('\n\n'),
    ...(title !== undefined && { title }),
    ...(isWeb && { metadata: { url: url.trim().slice(0, 2000), ...page.metadata } }),
  }
}
