import type { DocFib } from './doc-fib.ts'
import { codePageOf } from './language-ids.ts'
import { decodePage } from './ole-properties.ts'
import { charsetPage } from './rtf-words.ts'
import { isSymbolFont, symbolChar } from './symbol-font.ts'

interface Font {
  readonly name: string
  readonly charset: number
}

const symbolCharset = 2

/** What text in a document's fonts means: symbols, and before Word 97 the letters of a code page. */
export interface DocFonts {
  /** What a font shows for a character's code. */
  symbol(font: number, code: number): string
  /** Characters of symbol fonts, which stand in the private area, as what they show. */
  show(text: string, font: number | undefined): string
  /** Bytes, as latin-1, as what they mean. */
  decode(text: string, font: number | undefined): string
}

export function readFonts(fib: DocFib): DocFonts {
  let fonts: readonly Font[] | undefined
  const at = (number: number | undefined): Font | undefined => {
    fonts ??= readTable(fib)
    return number === undefined ? undefined : fonts[number]
  }
  const symbol = (font: number, code: number): string => {
    const name = at(font)?.name
    if (name === undefined || !isSymbolFont(name))
      return code >= 0xf000 && code <= 0xf0ff ? '•' : String.fromCharCode(code)
    return symbolChar(name, code)
  }
  const language = codePageOf(fib.lid)
  return {
    symbol,
    show: (text, font) => text.replace(/[\uf020-\uf0ff]/g, (char) => symbol(font ?? -1, char.charCodeAt(0))),
    decode(text, font) {
      const { charset = 0, name = '' } = at(font) ?? {}
      if (charset === symbolCharset && isSymbolFont(name))
        return text.replace(/[!-\u00ff]/g, (char) => symbolChar(name, char.charCodeAt(0)))
      if (!/[\u0080-\u00ff]/.test(text)) return text
      return decodePage(Buffer.from(text, 'latin1'), charset > 1 ? (charsetPage(charset) ?? language) : language)
    },
  }
}

/** SttbfFfn: since Word 97 counted, before one behind the other. */
function readTable({ part, old }: DocFib): readonly Font[] {
  const table = part('fonts')
  const fonts: Font[] = []
  if (!table) return fonts
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength)
  const nameAt = old ? 6 : 40
  for (let at = old ? 2 : 4; at + nameAt < bytes.length && fonts.length < 2000; ) {
    const end = Math.min(bytes.length, at + 1 + bytes[at]!)
    const name = end > at + nameAt ? bytes.toString(old ? 'latin1' : 'utf16le', at + nameAt, end) : ''
    fonts.push({ name: name.split('\u0000', 1)[0]!, charset: bytes[at + 4]! })
    at = end
  }
  return fonts
}
