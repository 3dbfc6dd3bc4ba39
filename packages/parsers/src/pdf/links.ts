import type { Pdfium } from './engine.ts'
import type { Glyph } from './glyphs.ts'
import { readBytes } from './strings.ts'

/** Where on a page a link to the web lies, in points. */
export interface PageLink {
  readonly url: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const maxLinks = 500
const maxUrlChars = 2_000
const uriAction = 3

/** Links of a page to the web; those inside the document lead nowhere in text. `scratch` is 32 bytes. */
export function readLinks(engine: Pdfium, document: number, page: number, scratch: number): PageLink[] {
  const links: PageLink[] = []
  const view = (): DataView => new DataView(engine.pdfium.HEAPU8.buffer)
  view().setInt32(scratch, 0, true)
  while (links.length < maxLinks && engine.FPDFLink_Enumerate(page, scratch, scratch + 4)) {
    const link = view().getUint32(scratch + 4, true)
    const action = engine.FPDFLink_GetAction(link)
    if (action === 0 || engine.FPDFAction_GetType(action) !== uriAction) continue
    if (!engine.FPDFLink_GetAnnotRect(link, scratch + 8)) continue
    const url = readBytes(engine, maxUrlChars, (buffer, size) =>
      engine.FPDFAction_GetURIPath(document, action, buffer, size),
    )
    if (url === undefined || !/^(https?:\/\/|mailto:|ftp:\/\/)/i.test(url)) continue
    const [left = 0, top = 0, right = 0, bottom = 0] = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch + 8, 4)
    links.push({ url, left, top: Math.max(top, bottom), right, bottom: Math.min(top, bottom) })
  }
  return links
}

/** The link a letter lies in; `last` is tried first. */
export function linkAt(links: readonly PageLink[], glyph: Glyph, last: PageLink | undefined): PageLink | undefined {
  const x = (glyph.left + glyph.right) / 2
  const y = (glyph.top + glyph.bottom) / 2
  const holds = (link: PageLink): boolean => x >= link.left && x <= link.right && y >= link.bottom && y <= link.top
  return last !== undefined && holds(last) ? last : links.find(holds)
}

/** `text` with what stands from `start` on as a Markdown link; an address that is written out stays as it is. */
export function markLink(text: string, start: number, { url }: PageLink): string {
  const label = text.slice(start).trimEnd()
  const bare = label.replace(/^https?:\/\//i, '')
  // A part of an address that is written over several lines leads nowhere, but reads as it should.
  if (label === '' || (bare.length > 3 && url.includes(bare)) || /[[\]]/.test(label)) return text
  const target = url.replace(/[\s()<>]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `${text.slice(0, start)}[${label}](${target})${text.slice(start + label.length)}`
}
