/** The languages that a run is said to be in, by kind of script, as tags such as `pt-BR`. */
export interface RunLanguages {
  readonly latin: string | undefined
  readonly asian: string | undefined
  readonly complex: string | undefined
}

/** What a document's first pages are in is what it is in. */
const enough = 5_000
const asian = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]/
const complex = /[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff]/
const none = /^(x-none|zxx|none|und|mul)?(-|$)/i
const wellFormed = /^[a-z]{2,3}(-[a-z\d]{2,8}){0,3}$/i

/** Finds the language of most of the text, as its runs say it: files seldom say it of the whole. */
export class SpokenLanguage {
  readonly #chars = new Map<string, number>()
  #seen = 0

  /** False once enough has been heard. */
  get isOpen(): boolean {
    return this.#seen < enough
  }

  add(text: string, languages: RunLanguages): void {
    const chars = text.trim().length
    if (chars === 0) return
    this.#seen += chars
    const tag = asian.test(text) ? languages.asian : complex.test(text) ? languages.complex : languages.latin
    if (tag === undefined || none.test(tag)) return
    // Word has tags such as `es-ES_tradnl`.
    const plain = tag.split('_', 1)[0]!
    this.#chars.set(plain, (this.#chars.get(plain) ?? 0) + chars)
  }

  /** Undefined when nothing was said. */
  get most(): string | undefined {
    let best: string | undefined
    for (const [tag, chars] of this.#chars) {
      if (wellFormed.test(tag) && chars > (this.#chars.get(best ?? '') ?? 0)) best = tag
    }
    return best
  }
}
