import { openCompoundFile } from '../cfb.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { languageOfText } from '../office/language-ids.ts'
import { decodePage, readOleProperties } from '../office/ole-properties.ts'
import { readSlides4 } from '../office/ppt-4.ts'
import { isPowerPoint95, readSlides95 } from '../office/ppt-95.ts'
import { writeTexts } from '../office/ppt-blocks.ts'
import { findSlides, type PptSlide } from '../office/ppt-records.ts'
import { readTexts } from '../office/ppt-texts.ts'

/** PowerPoint 4 to 2003 ([MS-PPT]): slides in order with titles, lists, tables, notes and comments. */
export const ppt: Format = {
  name: 'ppt',
  mimeTypes: ['application/vnd.ms-powerpoint'],
  extensions: ['ppt', 'pps', 'pot'],
  parse,
}

/** Different texts of footers and masters. */
const maxMargins = 1000
const dualStorage = 'PP97_DUALSTORAGE'

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openCompoundFile(bytes, limits)
  if (file.names.includes('EncryptedSummary'))
    throw new FormatError('encrypted', 'The presentation is protected with a password')
  // What is saved for both has it twice: as PowerPoint 95 wants it, and in a storage.
  const storage = file.stream('PowerPoint Document', dualStorage) ? dualStorage : undefined
  const stream = file.stream('PowerPoint Document', storage)
  const before = stream ? undefined : file.stream('PP40')
  if (!stream && !before) throw new FormatError('corrupt', 'It has no PowerPoint Document stream')
  const view = viewOf(stream ?? before!)
  const user = file.stream('Current User', storage)
  const token = user && user.length >= 16 ? new DataView(user.buffer, user.byteOffset).getUint32(12, true) : 0
  if (token === 0xf3d1c4df) throw new FormatError('encrypted', 'The presentation is protected with a password')
  const out = new BlockWriter(limits.maxOutputChars)
  const { properties, codePage } = readOleProperties(file, storage)
  const decode = (bytes: Uint8Array): string => decodePage(bytes, codePage)
  const languages = new Map<number, number>()
  const slides = before
    ? readSlides4(view, decode)
    : isPowerPoint95(view)
      ? readSlides95(view, decode, limits.maxDepth)
      : findSlides(view, user, limits.maxDepth, languages)
  if (before && !slides) throw new FormatError('corrupt', 'The slides of PowerPoint 4 cannot be found in it')
  const margins = new Set<string>()
  slides?.forEach((slide, n) => {
    out.page()
    const title = titleOf(slide)
    out.heading(2, title === '' ? `Slide ${n + 1}` : `Slide ${n + 1}: ${title}`)
    writeTexts(
      out,
      slide.texts.filter((text) => !text.title),
    )
    const shown = new Set(slide.texts.map(({ text }) => text))
    const fresh = slide.margins.filter(
      ({ text, table }) => !shown.has(text) && !margins.has(text) && (table || /[\p{L}\p{N}]/u.test(text)),
    )
    if (margins.size < maxMargins) writeTexts(out, fresh)
    for (const { text } of fresh) margins.add(text)
    const notes = slide.notes.map((text) => lines(text.text).join('\n')).filter((text) => text.length > 1)
    if (notes.length > 0) out.text(`**Notes:** ${notes.join('\n\n')}`)
    for (const { author, text } of slide.comments)
      if (text !== '') out.text(`> Comment${author === '' ? '' : ` (${author})`}: ${text.split(/\s+/).join(' ')}`)
  })
  // Without a list of slides everything that is text is better than nothing.
  if (!slides) writeTexts(out, readTexts({ view, depth: limits.maxDepth, links: new Map() }, 0, view.byteLength))
  const markdown = out.finish()
  if (!slides) return { ...properties, markdown }
  const hiddenSlides = slides.flatMap(({ hidden }, n) => (hidden ? [n + 1] : []))
  const title =
    properties.title ??
    slides
      .map(titleOf)
      .find((each) => each !== '')
      ?.slice(0, 300)
  const most = [...languages].sort((a, b) => b[1] - a[1])[0]
  const language = properties.language ?? (most && languageOfText(most[0], markdown))
  return {
    ...properties,
    markdown,
    ...(title ? { title } : {}),
    ...(language ? { language } : {}),
    pages: slides.length,
    pageOffsets: out.pageOffsets,
    ...(hiddenSlides.length > 0 && { metadata: { ...properties.metadata, hiddenSlides } }),
  }
}

function titleOf({ texts }: PptSlide): string {
  const titles = texts.filter(({ title }) => title).map(({ text }) => text.trim().split(/\s+/).join(' '))
  return titles.join(' ')
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function lines(text: string): string[] {
  return text
    .replaceAll('\u000b', '\n')
    .split('\r')
    .filter((line) => line.trim() !== '')
}
