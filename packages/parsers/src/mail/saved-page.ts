import type { FormatOutput, Limits } from '../format.ts'
import { readPage } from '../html/read.ts'
import { Source } from '../html/source.ts'
import { isoDate } from '../office/properties.ts'
import { readDate } from './header.ts'
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
  const isAddressed = ['from', 'sender', 'to', 'cc', 'bcc', 'subject', 'message-id'].some((name) => header.has(name))
  return !isAddressed && /^\s*multipart\/related/i.test(header.get('content-type') ?? '')
}

/** The page, with its own title, author and dates; pictures and styles beside it are only how it looks. */
export function readSavedPage(
  header: ReadonlyMap<string, string>,
  bodies: readonly Body[],
  limits: Limits,
): FormatOutput {
  const place = (header.get('snapshot-content-location') ?? header.get('content-location') ?? '').trim()
  const url = /^https?:\/\/[^\s"<>]{1,2000}$/i.test(place) ? place : undefined
  const read = (html: string): FormatOutput => readPage(new Source(based(html, url)), limits.maxOutputChars)
  const [page = { markdown: '' }, ...frames] = bodies.flatMap(({ html }) => (html ? [read(html)] : []))
  const title = page.title ?? (decodeWords(header.get('subject') ?? '').trim() || undefined)
  const createdAt = page.createdAt ?? isoDate(readDate(header.get('date')))
  const texts = page.markdown.length < hardlyAnything ? [page, ...frames] : [page]
  return {
    ...page,
    markdown: texts.map(({ markdown }) => markdown).join('\n\n') || (title ?? ''),
    ...(title !== undefined && { title }),
    ...(createdAt !== undefined && { createdAt }),
    ...(url !== undefined && { metadata: { url, ...page.metadata } }),
  }
}

/** Its addresses may be relative to where it was saved from. */
function based(html: string, url: string | undefined): string {
  return url === undefined || /^\s*<\?xml|<base\s/i.test(html) ? html : `<base href="${url}">${html}`
}
