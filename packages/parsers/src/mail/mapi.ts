import { codePageOf } from '../office/language-ids.ts'
import { decodeCharset } from '../text.ts'

/** A property's content: text and times (in milliseconds since 1970) as such, all else as numbers or bytes. */
export type MapiValue = string | number | Uint8Array

/** Properties by their ids ([MS-OXPROPS]); named ones by {@link named}. */
export type MapiValues = ReadonlyMap<number | string, MapiValue>

/** An Outlook item of any kind, whatever it was kept in. */
export interface MapiItem {
  readonly values: MapiValues
  readonly recipients: readonly MapiValues[]
  readonly attachments: readonly MapiAttachment[]
}

export interface MapiAttachment {
  readonly values: MapiValues
  /** A file of its own, put together only when asked for; undefined for what is only linked to. */
  readonly bytes: () => Uint8Array | undefined
  /** A message within the message. */
  readonly isMessage: boolean
}

/** The ids of those that are read. */
export const property = {
  messageClass: 0x001a,
  subject: 0x0037,
  submitted: 0x0039,
  fromName: 0x0042,
  fromAddress: 0x0065,
  headers: 0x007d,
  recipientType: 0x0c15,
  senderName: 0x0c1a,
  senderAddress: 0x0c1f,
  shownBcc: 0x0e02,
  shownCc: 0x0e03,
  shownTo: 0x0e04,
  delivered: 0x0e06,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  messageId: 0x1035,
  inReplyTo: 0x1042,
  name: 0x3001,
  address: 0x3003,
  created: 0x3007,
  data: 0x3701,
  shortFilename: 0x3704,
  method: 0x3705,
  filename: 0x3707,
  mimeType: 0x370e,
  contentId: 0x3712,
  smtpAddress: 0x39fe,
  internetCodePage: 0x3fde,
  localeId: 0x3ff1,
  codePage: 0x3ffd,
  senderSmtp: 0x5d01,
  fromSmtp: 0x5d02,
} as const

/** The property sets whose named properties are read ([MS-OXPROPS] 1.3.2), by how their GUIDs begin. */
const sets = new Map([
  [0x00062002, 'appointment'],
  [0x00062003, 'task'],
  [0x00062004, 'contact'],
])

/** The key of a named property: `appointment/8208`; undefined when it is in no set that is read. */
export function named(guidStart: number, id: number): string | undefined {
  const set = sets.get(guidStart)
  return set === undefined ? undefined : `${set}/${id.toString(16)}`
}

export function textOf(values: MapiValues, key: number | string): string | undefined {
  const value = values.get(key)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

export function numberOf(values: MapiValues, key: number | string): number | undefined {
  const value = values.get(key)
  return typeof value === 'number' ? value : undefined
}

/** A value that takes at most eight bytes ([MS-OXCDATA] 2.11.1); undefined when it is of another type. */
export function fixedValue(view: DataView, at: number, type: number): number | undefined {
  switch (type) {
    case 0x0002:
      return view.getInt16(at, true)
    case 0x0003:
      return view.getInt32(at, true)
    case 0x0005:
      return view.getFloat64(at, true)
    case 0x000b:
      return view.getUint8(at)
    case 0x0040:
      // Tenths of microseconds since 1601.
      return view.getUint32(at + 4, true) * 429_496.7296 + view.getUint32(at, true) / 10_000 - 11_644_473_600_000
    default:
      return undefined
  }
}

const pages: ReadonlyMap<number, string> = new Map([
  [932, 'shift_jis'],
  [936, 'gb18030'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [20_127, 'us-ascii'],
  [20_866, 'koi8-r'],
  [21_866, 'koi8-u'],
  [50_220, 'iso-2022-jp'],
  [50_221, 'iso-2022-jp'],
  [50_222, 'iso-2022-jp'],
  [51_932, 'euc-jp'],
  [51_949, 'euc-kr'],
  [52_936, 'gb18030'],
  [54_936, 'gb18030'],
  [65_000, 'utf-7'],
  [65_001, 'utf-8'],
])

/** Text in a Windows code page, up to its first zero. */
export function pageText(bytes: Uint8Array, page: number): string {
  if (page === 1200)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf16le').split('\0', 1)[0]!
  const end = bytes.indexOf(0)
  const isLatin = page > 28_590 && page < 28_606
  const charset = pages.get(page) ?? (isLatin ? `iso-8859-${page - 28_590}` : `cp${page}`)
  return decodeCharset(end < 0 ? bytes : bytes.subarray(0, end), charset)
}

/** The code page of a message's texts that are not Unicode ([MS-OXCMSG] 2.2.1.4). */
export function narrowPage(values: MapiValues): number {
  const told = numberOf(values, property.codePage)
  if (told !== undefined && told > 0 && told !== 1200) return told
  const locale = numberOf(values, property.localeId)
  return locale ? codePageOf(locale) : (numberOf(values, property.internetCodePage) ?? 1252)
}
