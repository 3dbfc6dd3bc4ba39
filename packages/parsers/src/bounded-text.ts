import { FormatError } from './format.ts'

/** Text that grows only up to a cap: past it a FormatError `output_too_large` ends the document. */
export class BoundedText {
  readonly #max: number
  #text = ''
  /** Characters held elsewhere (a table being collected) that will end up here. */
  #charged = 0

  constructor(maxChars: number) {
    this.#max = maxChars
  }

  get length(): number {
    return this.#text.length
  }

  append(text: string): void {
    if (this.#text.length + text.length > this.#max) this.#refuse()
    this.#text += text
  }

  /** Counts text that is only kept for now, so that what is buffered is bounded as well. */
  charge(chars: number): void {
    this.#charged += chars
    if (this.#charged > this.#max * 2) this.#refuse()
  }

  toString(): string {
    return this.#text
  }

  #refuse(): never {
    throw new FormatError(
      'output_too_large',
      `Its text is over ${this.#max.toLocaleString('en')} characters; split the document or raise the limit`,
    )
  }
}
