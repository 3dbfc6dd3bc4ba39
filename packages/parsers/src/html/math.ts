import { decodeHTML } from 'entities/decode'
import { FormatError } from '../format.ts'
import { Formula } from '../office/formula.ts'
import { XmlScanner } from '../office/xml.ts'

const maxDepth = 200

/** MathML on one line: `(-b ± √(b^2 - 4ac))/(2a)`; empty where it cannot be read. */
export function formulaText(markup: string): string {
  const formula = new Formula()
  const scanner = new XmlScanner(
    {
      open: (name, attrs) => formula.open(name, attrs),
      close: (name) => formula.close(name),
      text(text) {
        if (text.trim() !== '') formula.text(text.includes('&') ? decodeHTML(text) : text)
      },
    },
    { maxDepth },
  )
  try {
    scanner.write(markup)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return ''
  }
  return formula.toString()
}
