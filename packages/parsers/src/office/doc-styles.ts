import { unlessDamaged } from './doc-fib.ts'
import { newCharacters, newParagraph, readCharacters, readParagraph } from './doc-sprms.ts'
import { bold, italic } from './inline.ts'

/** What a style of the stylesheet means for Markdown, with what it takes over from the one it is based on. */
export interface DocStyle {
  /** 1 to 9. */
  heading: number | undefined
  title: boolean
  list: number | undefined
  level: number | undefined
  /** Bits of a run's look. */
  look: number
  hidden: boolean
  font: number | undefined
  language: number | undefined
}

interface Entry {
  readonly base: number
  /** Whether {@link DocStyle.look} was set by the style itself. */
  readonly sets: number
  readonly style: DocStyle
}

const noStyle = 0xfff
const maxStyles = 4000
/** Styles one can be based on, one on the other. */
const maxBases = 30

/** A style by its number; undefined where there is none. */
export type DocStyles = (number: number) => DocStyle | undefined

/** The stylesheet ([MS-DOC] 2.9.271), read as it is asked. Headings are told by the styles' numbers: names are translated. */
export function readStyles(stsh: DataView | undefined, old: boolean): DocStyles {
  if (!stsh || stsh.byteLength < 8) return () => undefined
  const count = Math.min(maxStyles, stsh.getUint16(2, true))
  const head = stsh.getUint16(4, true)
  const places: number[] = []
  for (let at = 2 + stsh.getUint16(0, true); places.length < count && at + 2 <= stsh.byteLength; ) {
    places.push(at)
    at += 2 + stsh.getUint16(at, true)
  }
  const styles = new Map<number, DocStyle | undefined>()
  const styleOf = (number: number, steps: number): DocStyle | undefined => {
    if (styles.has(number)) return styles.get(number)
    const entry = unlessDamaged(() => readEntry(stsh, places[number], head, old))
    if (entry && entry.base !== noStyle && steps < maxBases) inherit(entry, styleOf(entry.base, steps + 1))
    styles.set(number, entry?.style)
    return entry?.style
  }
  return (number) => styleOf(number, 0)
}

function inherit({ style, sets }: Entry, base: DocStyle | undefined): void {
  if (!base) return
  style.heading ??= base.heading
  style.list ??= base.list
  style.level ??= base.level
  style.font ??= base.font
  style.language ??= base.language
  style.look |= base.look & ~sets
}

function readEntry(stsh: DataView, place: number | undefined, head: number, old: boolean): Entry | undefined {
  const size = place === undefined ? 0 : stsh.getUint16(place, true)
  if (place === undefined || size < 4 || place + 2 + size > stsh.byteLength) return undefined
  const at = place + 2
  const sti = stsh.getUint16(at, true) & 0xfff
  const kind = stsh.getUint16(at + 2, true)
  const style: DocStyle = {
    heading: sti >= 1 && sti <= 9 ? sti : sti === 62 ? 1 : sti === 74 ? 2 : undefined,
    title: sti === 62,
    list: undefined,
    level: undefined,
    look: 0,
    hidden: false,
    font: undefined,
    language: undefined,
  }
  const end = at + size
  let sets = 0
  // Its name, then blocks of properties: of the paragraph, where it is a style of paragraphs, and of its characters.
  let next = at + Math.max(old ? 8 : 10, head)
  if (next + 2 <= end) {
    next += old ? stsh.getUint8(next) + 2 : stsh.getUint16(next, true) * 2 + 4
    for (const part of (kind & 15) === 1 ? ['paragraph', 'characters'] : ['characters']) {
      next += (next - at) & 1
      if (next + 2 > end || (kind & 15) > 2) break
      const from = next + 2
      next = from + stsh.getUint16(next, true)
      if (next > end) break
      if (part === 'paragraph') {
        const paragraph = newParagraph(0)
        readParagraph(stsh, from + 2, next, old, paragraph)
        style.heading ??= paragraph.outline
        style.list = paragraph.list
        style.level = paragraph.level
      } else {
        const characters = newCharacters()
        readCharacters(stsh, from, next, old, characters)
        if (characters.bold < 2) sets |= bold
        if (characters.italic < 2) sets |= italic
        style.look = (characters.bold === 1 ? bold : 0) | (characters.italic === 1 ? italic : 0)
        style.hidden = characters.hidden === 1
        style.font = characters.font
        style.language = characters.language
      }
    }
  }
  return { base: kind >> 4, sets, style }
}
