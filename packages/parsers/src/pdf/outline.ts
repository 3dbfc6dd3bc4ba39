import type { Pdfium } from './engine.ts'
import { readString } from './strings.ts'

/** For each page the titles that the document's bookmarks name there, as {@link titleKey}, with their level from 1. */
export type Outline = ReadonlyMap<number, ReadonlyMap<string, number>>

const maxItems = 5_000
const maxDepth = 6
const maxTitleChars = 400

export function readOutline(engine: Pdfium, document: number): Outline {
  const pages = new Map<number, Map<string, number>>()
  const seen = new Set<number>()
  const visit = (parent: number, level: number): void => {
    let item = engine.FPDFBookmark_GetFirstChild(document, parent)
    // Bookmarks of damaged documents lead in circles.
    while (item !== 0 && !seen.has(item) && seen.size < maxItems) {
      seen.add(item)
      const title = readString(engine, maxTitleChars, (buffer, size) =>
        engine.FPDFBookmark_GetTitle(item, buffer, size),
      )
      const page = title === undefined ? -1 : pageOf(engine, document, item)
      if (title !== undefined && page >= 0) {
        const titles = pages.get(page) ?? new Map<string, number>()
        titles.set(titleKey(title), level)
        pages.set(page, titles)
      }
      if (level < maxDepth) visit(item, level + 1)
      item = engine.FPDFBookmark_GetNextSibling(document, item)
    }
  }
  visit(0, 1)
  return pages
}

function pageOf(engine: Pdfium, document: number, item: number): number {
  let destination = engine.FPDFBookmark_GetDest(document, item)
  if (destination === 0) {
    const action = engine.FPDFBookmark_GetAction(item)
    destination = action === 0 ? 0 : engine.FPDFAction_GetDest(document, action)
  }
  return destination === 0 ? -1 : engine.FPDFDest_GetDestPageIndex(document, destination)
}

/** Letters only: numbers, dots and spaces are written in one of the two places, and not in the other. */
export function titleKey(title: string): string {
  const letters = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
  return letters.replace(/^\d+/, '') || letters
}
