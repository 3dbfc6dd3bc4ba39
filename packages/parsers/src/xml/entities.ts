import { decodeHTMLStrict } from 'entities/decode'

/** One that is longer, or made of others, could make gigabytes of nothing. */
const maxChars = 200
const maxDeclared = 500

const declaration = /<!ENTITY\s+([A-Za-z_][\w.-]{0,60})\s+(?:"([^"<%]*)"|'([^'<%]*)')\s*>/g

/**
 * What names between `&` and `;` stand for: XML's own, HTML's, which feeds and old documents use without saying so, and
 * short ones that the document declares as plain text. Others are never expanded.
 */
export class Entities {
  readonly #known: Record<string, string> = Object.assign(Object.create(null), {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
  })
  #declared = 0

  /** Of a document type's internal subset. */
  declare(doctype: string): void {
    if (!doctype.includes('<!ENTITY')) return
    for (const [, name = '', double, single = ''] of doctype.matchAll(declaration)) {
      const text = double ?? single
      if (++this.#declared > maxDeclared) return
      if (text.length <= maxChars && !/&(?!#)/.test(text)) this.#known[name] ??= decodeHTMLStrict(text)
    }
  }

  /** In the form in which the parser asks for them. */
  get table(): Record<string, string> {
    return new Proxy(this.#known, {
      get(known, name): string | undefined {
        if (typeof name !== 'string' || known[name] !== undefined) return known[String(name)]
        const text = decodeHTMLStrict(`&${name};`)
        if (text === `&${name};`) return undefined
        known[name] = text
        return text
      },
    })
  }
}
