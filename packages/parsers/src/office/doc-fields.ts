import { isSymbolFont, symbolChar } from './symbol-font.ts'

interface Field {
  instruction: string
  result: boolean
  /** What it shows where it has no result. */
  shown: string
  readonly urlBefore: string | undefined
}

const maxDepth = 100
const maxInstruction = 4000
const maxShown = 500

/** The fields that are open at a place of Word's text: instructions are kept apart, results are text. */
export class DocFields {
  readonly #open: Field[] = []
  #instructing = 0
  /** Where text at this place leads. */
  url: string | undefined

  begin(): void {
    if (this.#open.length >= maxDepth) return
    this.#open.push({ instruction: '', result: false, shown: '', urlBefore: this.url })
    this.#instructing++
  }

  /** Takes text that belongs to an instruction; false for text of the document. */
  instruct(text: string): boolean {
    if (this.#instructing === 0) return false
    const field = this.#open.at(-1)
    if (field && !field.result && field.instruction.length < maxInstruction) field.instruction += text
    return true
  }

  /** The result begins. */
  separate(): void {
    const field = this.#open.at(-1)
    if (!field || field.result) return
    field.result = true
    this.#instructing--
    this.url = linkOf(field.instruction) ?? this.url
  }

  /** What the field that is open shows instead of a result. */
  show(text: string): void {
    const field = this.#open.at(-1)
    if (field) field.shown = text
  }

  /** Text that the field shows though no result of it stands there. */
  end(): string {
    const field = this.#open.pop()
    if (!field) return ''
    if (!field.result) this.#instructing--
    this.url = field.urlBefore
    return field.shown || (field.result ? '' : shownBy(field.instruction))
  }
}

/** The target of a HYPERLINK field; undefined for one within the document and for all other fields. */
export function linkOf(instruction: string): string | undefined {
  const match = /^\s*HYPERLINK\s+(?:"([^"]+)"|([^\s"\\]\S*))(?:.*?\\l\s+"([^"]+)")?/i.exec(instruction)
  const target = match?.[1] ?? match?.[2]
  if (target === undefined) return undefined
  return match?.[3] === undefined || target.includes('#') ? target : `${target}#${match[3]}`
}

const symbol = /^\s*SYMBOL\s+(\d{1,5}|0x[\da-f]{1,4})\s[^"]*?\\f\s*"?([^"\\]+)"?/i
const overstrike = /^\s*EQ\b.*?\\o\s*(?:\\a[lrcd]\s*)?\((.*)\)\s*$/i
const raised = /\\s\s*\\(?:up|do)\s*-?\d*\s*\(([^()]*)\)/i

/** What instructions without a result show: characters of other fonts, buttons, and phonetic guides, whose reading stands above. */
function shownBy(instruction: string): string {
  if (instruction.length > maxShown) return ''
  const [, code, font = ''] = symbol.exec(instruction) ?? []
  if (code !== undefined) {
    const value = Number(code)
    return isSymbolFont(font.trim()) ? symbolChar(font.trim(), value) : String.fromCodePoint(value)
  }
  const button = /^\s*(?:MACROBUTTON|GOTOBUTTON)\s+\S+\s+(.*)$/is.exec(instruction)?.[1]
  if (button !== undefined) return button.trim()
  const guide = overstrike.exec(instruction)?.[1]
  const reading = guide === undefined ? undefined : raised.exec(guide)
  if (guide === undefined || !reading) return ''
  const base = guide
    .replace(reading[0], '')
    .replace(/^\s*[,;]|[,;]\s*$/g, '')
    .trim()
  return reading[1]!.trim() === '' ? base : `${base}(${reading[1]!.trim()})`
}
