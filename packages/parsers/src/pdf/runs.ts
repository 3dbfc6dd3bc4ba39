import type { Pdfium } from './engine.ts'
import { type Glyph, lineBreakHyphen, type Placed, readGlyphs, type Sight } from './glyphs.ts'
import { accented, fromRight, isIdeograph, isInWord, isRightToLeft, letters } from './letters.ts'
import { linkAt, markLink, type PageLink } from './links.ts'

/** Letters that follow one another on one base line without a wide gap; of the size of most of them. */
export interface Run extends Placed {
  text: string
  rtl: boolean
  /** White space lies before it in the stream of letters. */
  spaced: boolean
  /** Its last letter is a hyphen that PDFium takes for one of a line break. */
  hyphen: boolean
  /** Width of its first word: what the line before had no room for. */
  firstWord: number
  /** For each space between its words: its place in the text, where the word before ends and the next one begins. */
  spaces: number[]
}

/** A gap wider than this, in heights of the letters, parts cells and columns. */
export const wideGap = 0.9
/** Between letters of one word at most, in heights of the letters. */
const letterSpacing = 3
const missedSpace = 0.18
/** A line of right-to-left text jumps over its numbers. */
const rtlJump = 6

/** Runs of the letters `from` up to `to` of one page in the order of PDFium, which is mostly that of reading. */
export function readRuns(
  engine: Pdfium,
  textPage: number,
  [from, to]: readonly [number, number],
  scratch: number,
  links: readonly PageLink[],
  sight: Sight,
): Run[] {
  const writer = new RunWriter(links)
  readGlyphs(engine, textPage, [from, to], scratch, sight, (glyph) => writer.add(glyph))
  return writer.finish()
}

/** Takes letters as they come, spaces and ends of lines among them. */
export class RunWriter {
  readonly #runs: Run[] = []
  readonly #links: readonly PageLink[]
  #run: Run | undefined
  #space = false
  #newline = false
  #left = 0
  #right = 0
  #top = 0
  #bottom = 0
  #object = 0
  #code = 0
  #number = false
  /** Gaps inside of words that may be spaces: as `spaces` of a run. */
  #missed: number[] = []
  /** Whether the last letter was of a right-to-left script, and how many more such stood right of the one before. */
  #fromRight = false
  #steps = 0
  #votes = 0
  #bold = 0
  #mono = 0
  #narrowest = Number.POSITIVE_INFINITY
  #widest = 0
  #letters = 0
  #link: PageLink | undefined
  #linkStart = 0
  #accentAt = -1

  constructor(links: readonly PageLink[]) {
    this.#links = links
  }

  add(glyph: Glyph): void {
    const { code } = glyph
    if (code <= 32 || code === 0xa0 || code === 0xfffe || code === 0xad) {
      if (code === 10 || code === 13) this.#newline = true
      else if (code === 32 || code === 9 || code === 0xa0) this.#space = true
      else if (code === lineBreakHyphen) this.#hyphen(glyph)
      return
    }
    let run = this.#run
    if (run === undefined || this.#parts(run, glyph)) run = this.#open(glyph)
    else if (this.#space || (this.#newline && !isIdeograph(code))) this.#wordEnd(run, glyph)
    else if (
      // The boxes of typewriter fonts are often those of another font.
      !glyph.mono &&
      glyph.left - this.#right > glyph.size * missedSpace &&
      isInWord(code) &&
      isInWord(this.#code)
    )
      this.#missed.push(run.text.length, this.#right, glyph.left)
    if (this.#links.length > 0) this.#follow(run, glyph)
    this.#append(run, glyph)
    this.#left = glyph.left
    this.#right = glyph.right
    this.#top = glyph.top
    this.#bottom = glyph.bottom
    this.#object = glyph.object
    this.#code = code
    this.#number = code >= 48 && code <= 57
    this.#space = false
    this.#newline = false
  }

  finish(): Run[] {
    this.#close()
    return this.#runs
  }

  #append(run: Run, glyph: Glyph): void {
    const { code } = glyph
    const composed =
      this.#accentAt >= 0 && glyph.left < this.#right - (this.#right - this.#left) * 0.5
        ? accented(run.text.charCodeAt(this.#accentAt), code)
        : undefined
    run.text = composed === undefined ? run.text + letters(code) : run.text.slice(0, this.#accentAt) + composed
    this.#accentAt = accented(code, 97) === undefined || this.#link !== undefined ? -1 : run.text.length - 1
    if (glyph.left < run.left) run.left = glyph.left
    if (glyph.right > run.right) run.right = glyph.right
    this.#letters++
    if (glyph.bold) this.#bold++
    if (glyph.mono) this.#mono++
    const width = glyph.right - glyph.left
    if (width < this.#narrowest) this.#narrowest = width
    if (width > this.#widest) this.#widest = width
    if (isRightToLeft(code)) {
      run.rtl = true
      if (this.#fromRight) this.#steps += glyph.left > this.#left ? 1 : -1
      this.#fromRight = true
    } else this.#fromRight = false
    // The size that most letters have: superscripts and initials do not make the line another.
    if (Math.abs(glyph.size - run.size) < 0.1) this.#votes++
    else if (--this.#votes < 0) {
      run.size = glyph.size
      run.top = glyph.top
      run.bottom = glyph.bottom
      this.#votes = 1
    }
  }

  #parts(run: Run, glyph: Glyph): boolean {
    const { code } = glyph
    if (run.turn !== glyph.turn || run.hyphen || run.tag !== glyph.tag) return true
    const size = Math.max(glyph.size, run.size)
    const apart = glyph.left - this.#right
    // Letters set far apart are one word where PDFium saw no space.
    const isWhole = glyph.object === this.#object && !this.#newline
    if (isWhole && apart > -size && apart < size * (this.#space ? wideGap : letterSpacing)) return false
    const overlap = Math.min(this.#top, glyph.top) - Math.max(this.#bottom, glyph.bottom)
    if (overlap < Math.min(this.#top - this.#bottom, glyph.top - glyph.bottom) * 0.5) {
      // Vertical writing goes down letter by letter.
      return glyph.object !== this.#object || this.#newline
    }
    if (run.rtl || isRightToLeft(code)) {
      const distance = Math.max(apart, this.#left - glyph.right)
      const isNumber = code >= 48 && code <= 57
      return distance > size * (run.rtl && !this.#newline && (isNumber || this.#number) ? rtlJump : wideGap)
    }
    return apart > size * wideGap || apart < -size * 0.6
  }

  #open(glyph: Glyph): Run {
    this.#close()
    const { left, right, top, bottom, size, turn, tag } = glyph
    this.#run = {
      text: '',
      left,
      right,
      top,
      bottom,
      size,
      turn,
      tag,
      bold: false,
      mono: false,
      rtl: false,
      spaced: this.#space,
      hyphen: false,
      firstWord: 0,
      spaces: [],
    }
    this.#votes = 0
    this.#bold = 0
    this.#mono = 0
    this.#narrowest = Number.POSITIVE_INFINITY
    this.#widest = 0
    this.#letters = 0
    this.#accentAt = -1
    this.#fromRight = false
    this.#steps = 0
    this.#missed = []
    return this.#run
  }

  #hyphen(glyph: Glyph): void {
    const run = this.#run
    if (run === undefined) return
    run.text += '-'
    run.hyphen = true
    if (glyph.turn === run.turn && glyph.right > run.right) run.right = glyph.right
  }

  #wordEnd(run: Run, glyph: Glyph): void {
    if (run.firstWord === 0) run.firstWord = run.rtl ? run.right - this.#left : this.#right - run.left
    run.spaces.push(run.text.length, this.#right, glyph.left)
    run.text += ' '
    this.#accentAt = -1
  }

  #close(): void {
    const run = this.#run
    if (run === undefined) return
    this.#unlink(run)
    if (run.firstWord === 0) run.firstWord = run.right - run.left
    if (run.rtl && this.#steps > 0) {
      run.text = fromRight(run.text)
      run.spaces.length = 0
    } else if (this.#missed.length > 0 && !run.rtl && !run.text.includes('](')) this.#addMissed(run)
    run.bold = this.#bold > this.#letters * 0.8
    // Fonts say it of themselves, and not always rightly.
    run.mono = this.#mono > this.#letters * 0.8 && this.#widest < this.#narrowest * 1.1
    this.#runs.push(run)
    this.#run = undefined
  }

  /** A few wide gaps are spaces that PDFium did not see; many are letters set apart. */
  #addMissed(run: Run): void {
    const missed = this.#missed
    if (missed.length > this.#letters) return
    const spaces: number[] = []
    let text = ''
    let from = 0
    let at = 0
    for (let index = 0; index < missed.length; index += 3) {
      for (; at < run.spaces.length && run.spaces[at]! < missed[index]!; at += 3)
        spaces.push(run.spaces[at]! + index / 3, run.spaces[at + 1]!, run.spaces[at + 2]!)
      text += `${run.text.slice(from, missed[index])} `
      spaces.push(missed[index]! + index / 3, missed[index + 1]!, missed[index + 2]!)
      from = missed[index]!
    }
    for (; at < run.spaces.length; at += 3)
      spaces.push(run.spaces[at]! + missed.length / 3, run.spaces[at + 1]!, run.spaces[at + 2]!)
    run.text = text + run.text.slice(from)
    run.spaces = spaces
  }

  /** Links begin and end between words: their boxes are drawn loosely. */
  #follow(run: Run, glyph: Glyph): void {
    // Asked of the text itself, it would be put together anew for each letter.
    const isInside = run.text !== '' && !this.#space && !this.#newline
    if (isInside) return
    const link = glyph.turn === 0 ? linkAt(this.#links, glyph, this.#link) : undefined
    if (link === this.#link) return
    this.#unlink(run)
    this.#link = link
    this.#linkStart = run.text.length
  }

  #unlink(run: Run): void {
    if (this.#link !== undefined) run.text = markLink(run.text, this.#linkStart, this.#link)
    this.#link = undefined
  }
}

/** The two parts of a run on both sides of the space that is `spaces[at]`; links are not taken apart. */
export function splitRun(run: Run, at: number): [Run, Run] | undefined {
  const [index = 0, right = 0, left = 0] = run.spaces.slice(at, at + 3)
  const before = run.text.slice(0, index)
  const behind = run.text.slice(index + 1)
  // With a link in it the places of its spaces are no longer those in the text.
  if (run.rtl || run.text.includes('](') || before === '' || behind === '') return undefined
  const moved = run.spaces.slice(at + 3).map((value, n) => (n % 3 === 0 ? value - index - 1 : value))
  return [
    { ...run, text: before, right, hyphen: false, spaces: run.spaces.slice(0, at) },
    { ...run, text: behind, left, spaced: true, firstWord: (moved[1] ?? run.right) - left, spaces: moved },
  ]
}
