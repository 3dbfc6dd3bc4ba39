import type { FormatOutput } from '../format.ts'
import type { Pdfium } from './engine.ts'
import { readString } from './strings.ts'

export type Metadata = Pick<FormatOutput, 'title' | 'author' | 'language' | 'createdAt' | 'updatedAt'>

/** A title of more letters is no title. */
const maxChars = 1_000
/** What programs write when nobody gave a name. */
const nobody = /^(?:\(?(?:anonymous|unspecified|unknown|none|null|undefined)\)?|array\(0x[\da-f]+\))$/i
const utf8 = new TextDecoder('utf-8', { fatal: true })

export function readMetadata(engine: Pdfium, document: number): Metadata {
  const text = (key: string): string | undefined =>
    asWritten(readString(engine, maxChars, (buffer, size) => engine.FPDF_GetMetaText(document, key, buffer, size)))
  const title = documentTitle(text('Title'))
  const named = text('Author')
  const author = named === undefined || nobody.test(named) ? undefined : named
  const language = readString(engine, maxChars, (buffer, size) =>
    engine.FPDFCatalog_GetLanguage(document, buffer, size),
  )
  const createdAt = pdfDate(text('CreationDate'))
  const updatedAt = pdfDate(text('ModDate'))
  return {
    ...(title !== undefined && { title }),
    ...(author !== undefined && { author }),
    ...(language !== undefined && { language }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
  }
}

/** Some programs write the bytes of UTF-8 where each is a letter of its own. */
function asWritten(text: string | undefined): string | undefined {
  if (text === undefined || !/[\u00c2-\u00f4][\u0080-\u00bf]/.test(text) || /[^\u0000-\u00ff]/.test(text)) return text
  try {
    return utf8.decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))
  } catch {
    return text
  }
}

/** Printer drivers put the program's name before that of the file. */
function documentTitle(title: string | undefined): string | undefined {
  const marker = title?.startsWith('Microsoft ') === true ? title.indexOf(' - ') : -1
  return marker === -1 || marker > 30 ? title : title?.slice(marker + 3)
}

/** `D:20240131235959+01'00'` (PDF 32000-1, 7.9.4), any tail missing, to RFC 3339. */
export function pdfDate(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const match = /^(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?|Z)?/.exec(
    value.trim().slice(0, 40),
  )
  if (match === null) return undefined
  const [
    ,
    year,
    month = '01',
    day = '01',
    hour = '00',
    minute = '00',
    second = '00',
    sign,
    zoneHour,
    zoneMinute = '00',
  ] = match
  const zone = sign === undefined ? 'Z' : `${sign}${zoneHour}:${zoneMinute}`
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
