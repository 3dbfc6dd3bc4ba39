import { Formula } from './formula.ts'

/** Elements of a formula by the words that begin their groups: those of OOXML with an m in front. */
const elements = new Set(
  `mf mnum mden me msup msub msSup msSub msSubSup msPre mrad mdeg mnary md mfunc mfName mlimLow mlimUpp mlim mm mmr meqArr
  macc mbar mbox mborderBox mgroupChr mphant mr`.split(/\s+/),
)
/** Signs that stand in the properties of an element, as text. */
const signs = new Set(['mchr', 'mbegChr', 'mendChr', 'msepChr'])

/** A formula of Word's as RTF holds it (specification 1.9.1, "Math"): `{\*\moMath{\mf{\mnum{\mr a}}{\mden{\mr b}}}}`. */
export class RtfFormula {
  readonly #formula = new Formula()
  /** Properties that are open: their text is not the formula's. */
  #properties = 0

  /** Hears a word; gives what is to be done when the group ends that it begins, with the text that was not taken. */
  control(word: string): ((text: string) => void) | undefined {
    const name = word.slice(1)
    const isProperties = /^m[A-Za-z]+Pr$/.test(word)
    if (elements.has(word) || isProperties) {
      // Those of the look alone are none of the formula's.
      const isOpen = !this.#formula.open(name, '')
      if (isProperties) this.#properties++
      return () => {
        if (isProperties) this.#properties--
        if (isOpen) this.#formula.close(name)
      }
    }
    if (!signs.has(word)) return undefined
    return (text) => {
      this.#formula.open(name, `val="${text.trim().replace(/[&"<]/g, (sign) => `&#${sign.charCodeAt(0)};`)}"`)
    }
  }

  text(text: string): void {
    if (this.#properties > 0) return
    this.#formula.open('t', '')
    this.#formula.text(text)
    this.#formula.close('t')
  }

  toString(): string {
    return this.#formula.toString()
  }
}
