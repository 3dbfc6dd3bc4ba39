import type { BlockWriter } from './blocks.ts'

const most = 20
/** Three letters, or two of a script that has no capitals: a word of Chinese. */
const words = /[\p{L}\p{M}]{3}|\p{Lo}{2}/u
/** What is left of "Page 3 of 7" without its numbers. */
const pageWords = /^\p{L}{1,8}[.:]?\s*(\p{L}{1,3})?\s*[-–/|]?$/u

/** Headers and footers, which stand on every page: each different text is kept once. */
export class Margins {
  readonly #texts = new Set<string>()

  get isFull(): boolean {
    return this.#texts.size >= most
  }

  /** `numbered` when the number of a page was left out of it. */
  add(written: string, numbered: boolean): void {
    // On every page, it is no heading of what follows.
    const text = written.replace(/^#{1,6} /gm, '')
    if (words.test(text) && !(numbered && pageWords.test(text)) && !this.isFull) this.#texts.add(text)
  }

  write(out: BlockWriter): void {
    for (const text of this.#texts) out.text(text)
  }
}
