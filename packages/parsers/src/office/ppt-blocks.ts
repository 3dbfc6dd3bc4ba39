import type { BlockWriter } from './blocks.ts'
import { Inline } from './inline.ts'
import { markdownMarker } from './numbers.ts'
import type { PptLink, SlideText } from './ppt-texts.ts'
import { autoNumber } from './slide.ts'
import { privateUse, symbolText } from './symbols.ts'
import { renderTable } from './table.ts'

/** Writes the texts of a slide as paragraphs, lists with their numbers, and tables. */
export function writeTexts(out: BlockWriter, texts: readonly SlideText[]): void {
  for (const text of texts) {
    if (text.table) out.text(renderTable(text.table))
    else writeText(out, text)
  }
}

function writeText(out: BlockWriter, slideText: SlideText): void {
  const { text, body, styles, numberings = [] } = slideText
  const paragraphs = styles?.paragraphs ?? []
  const characters = styles?.characters ?? []
  const isList = body && text.split('\r').filter((line) => line.trim() !== '').length > 1
  const counts: (number | undefined)[] = []
  let from = 0
  let run = 0
  let look = 0
  for (const line of text.split('\r')) {
    while (run < paragraphs.length - 1 && paragraphs[run]!.end <= from) run++
    while (look < characters.length - 1 && characters[look]!.end <= from) look++
    const { level = 0, bullet = isList } = paragraphs[run] ?? {}
    const shown = inlineOf(slideText, line, from, look).replaceAll('\u000b', '\n')
    const numbering = bullet ? numberings[characters[look]?.numbering ?? 0] : undefined
    from += line.length + 1
    if (shown.trim() === '') continue
    if (!numbering) {
      counts.length = Math.min(counts.length, level)
      if (bullet) out.item(level, '-', shown)
      else out.text(shown)
      continue
    }
    counts.length = level + 1
    const count = counts[level] === undefined ? numbering.start : counts[level] + 1
    counts[level] = count
    const { marker, prefix } = markdownMarker(autoNumber(numbering.scheme, count))
    out.item(level, marker, prefix + shown.trim())
  }
}

/** A line, which begins at an offset of its text, with its looks and links. */
function inlineOf({ styles, links = [], fonts = [] }: SlideText, line: string, offset: number, first: number): string {
  const characters = styles?.characters ?? []
  const { end: covered = Number.MAX_SAFE_INTEGER, look: only = 0 } = characters[first] ?? {}
  // Most lines look alike from end to end.
  if (only === 0 && links.length === 0 && covered >= offset + line.length && !privateUse.test(line)) return line
  const inline = new Inline()
  let run = first
  for (let at = 0; at < line.length; ) {
    while (run < characters.length - 1 && characters[run]!.end <= offset + at) run++
    const { end = Number.MAX_SAFE_INTEGER, look = 0, font } = characters[run] ?? {}
    const link = linkAt(links, offset + at)
    const stops = [line.length, end - offset, (link?.end ?? Number.MAX_SAFE_INTEGER) - offset]
    for (const { start } of links) if (start > offset + at) stops.push(start - offset)
    const stop = Math.max(at + 1, Math.min(...stops))
    const text = line.slice(at, stop)
    inline.url = link?.url
    inline.add(privateUse.test(text) ? symbolText(text, font === undefined ? undefined : fonts[font]) : text, look)
    at = stop
  }
  return inline.toString()
}

function linkAt(links: readonly PptLink[], at: number): PptLink | undefined {
  return links.find(({ start, end }) => start <= at && at < end)
}
