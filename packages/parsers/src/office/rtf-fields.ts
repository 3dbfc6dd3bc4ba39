import { symbolChar } from './symbol-font.ts'

/** Numbers of pages, which are no text where they stand on every page. */
export const pageField: RegExp = /^\s*(PAGE|NUMPAGES|SECTIONPAGES)\b/i

/** That a form's field was left as it came. */
const unset = 25

/** What fields show that have no result: symbols, and the boxes and lists of old forms. */
export class RtfFields {
  #result: number | undefined
  #usual = 0
  #items: string[] = []

  /** `\formfield` begins. */
  form(): void {
    this.#result = undefined
    this.#usual = 0
    this.#items = []
  }

  control(word: string, parameter = 0): void {
    if (word === 'ffres') this.#result = parameter === unset ? undefined : parameter
    else if (word === 'ffdefres') this.#usual = parameter
  }

  /** One more entry of a list. */
  item(text: string): void {
    if (this.#items.length < 100) this.#items.push(text.trim())
  }

  /** At the end of a field's instruction; undefined where it has a result. */
  shown(instruction: string): string | undefined {
    const value = this.#result ?? this.#usual
    if (/^\s*FORMCHECKBOX/i.test(instruction)) return value === 1 ? '☒' : '☐'
    if (/^\s*FORMDROPDOWN/i.test(instruction)) return this.#items[value]
    const [, code, font] = symbol.exec(instruction) ?? []
    return code === undefined || font === undefined ? undefined : symbolChar(font, Number(code))
  }
}

const symbol = /^\s*SYMBOL\s+(\d+|0x[\da-f]+)\s[^"]*?\\f\s*"?([^"]+?)"?\s*(?:\\|$)/i
