interface Field {
  instruction: string
  result: boolean
  readonly urlBefore: string | undefined
}

const maxDepth = 100
const maxInstruction = 4000

/** The fields that are open at a place of Word's text: instructions are kept apart, results are text. */
export class DocFields {
  readonly #open: Field[] = []
  #instructing = 0
  /** Where text at this place leads. */
  url: string | undefined

  begin(): void {
    if (this.#open.length >= maxDepth) return
    this.#open.push({ instruction: '', result: false, urlBefore: this.url })
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

  end(): void {
    const field = this.#open.pop()
    if (!field) return
    if (!field.result) this.#instructing--
    this.url = field.urlBefore
  }
}

/** The target of a HYPERLINK field; undefined for one within the document and for all other fields. */
export function linkOf(instruction: string): string | undefined {
  const match = /^\s*HYPERLINK\s+(?:"([^"]+)"|([^\s"\\]\S*))(?:.*?\\l\s+"([^"]+)")?/i.exec(instruction)
  const target = match?.[1] ?? match?.[2]
  if (target === undefined) return undefined
  return match?.[3] === undefined || target.includes('#') ? target : `${target}#${match[3]}`
}
