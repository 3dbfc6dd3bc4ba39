import { decodeHTMLAttribute } from 'entities/decode'
import type { Source } from './source.ts'
import { attribute } from './tokens.ts'

const maxBase = 300

/** What would end a link in Markdown. */
const unsafe = /[\s()<>]/
const allUnsafe = /[\s()<>]/g

/** An address as Markdown can hold it. */
export function safeAddress(url: string): string {
  return unsafe.test(url)
    ? url.replace(allUnsafe, (char) => encodeURIComponent(char).replace('(', '%28').replace(')', '%29'))
    : url
}

/** An address that others are relative to. */
export function baseOf(raw: string | undefined): string | undefined {
  const url = raw === undefined ? null : URL.parse(decodeHTMLAttribute(raw))
  return url !== null && /^https?:$/.test(url.protocol) && url.href.length <= maxBase ? url.href : undefined
}

const languageClass =
  /(?:^|[\s"'])(?:language-|lang-|highlight-source-|highlight-|sourceCode\s+|brush:\s*)([\w+#-]{1,20})/

/** The language that a class names, as highlighters write it. */
export function languageIn(source: Source, from: number, to: number): string | undefined {
  const tag = source.chars.slice(from, Math.min(to, from + 500))
  if (!/l(?:anguage|ang|ight)-|sourceCode|brush:/.test(tag)) return undefined
  const found = languageClass.exec(attribute(source, from, to, 'class') ?? '')?.[1]?.toLowerCase()
  return found === undefined || ['default', 'none', 'plaintext', 'text', 'wrapper'].includes(found) ? undefined : found
}
