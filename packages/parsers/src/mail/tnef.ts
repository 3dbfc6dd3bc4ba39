import { FormatError } from '../format.ts'
import {
  fixedValue,
  type MapiAttachment,
  type MapiItem,
  type MapiValue,
  type MapiValues,
  named,
  numberOf,
  pageText,
  property,
} from './mapi.ts'

const signature = 0x223e9f78
/** The attributes that are read, by their ids without the type ([MS-OXTNEF] 2.1.3.1). */
const attribute = {
  subject: 0x8004,
  attachmentBegins: 0x9002,
  message: 0x9003,
  recipients: 0x9004,
  attachment: 0x9005,
  codePage: 0x9007,
  messageClass: 0x8008,
  body: 0x800c,
  attachmentData: 0x800f,
  attachmentName: 0x8010,
} as const
const embeddedMessage = 5
const mostPeople = 100_000
/** Before the bytes of an object stands what kind of an object it is. */
const interfaceBytes = 16

export function isTnef(bytes: Uint8Array): boolean {
  return bytes.length > 6 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === signature
}

/** Reads what Outlook wraps its messages in for others ([MS-OXTNEF], `winmail.dat`); a cut one as far as it goes. */
export function readTnef(bytes: Uint8Array, maxAttachments: number): MapiItem {
  if (!isTnef(bytes)) throw new FormatError('corrupt', 'It does not begin as TNEF (winmail.dat) does')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Map<number | string, MapiValue>()
  let recipients: MapiValues[] = []
  const attachments: { values: Map<number | string, MapiValue> }[] = []
  let page = 1252
  for (let at = 6; at + 9 <= bytes.length; ) {
    const id = view.getUint16(at + 1, true)
    const start = at + 9
    const end = Math.min(start + view.getUint32(at + 5, true), bytes.length)
    const data = bytes.subarray(start, end)
    const last = attachments.at(-1)?.values
    const reader = (): PropertyReader => new PropertyReader(view, start, end, page)
    if (id === attribute.codePage && data.length >= 4) page = view.getUint32(start, true)
    else if (id === attribute.subject) values.set(property.subject, pageText(data, page))
    else if (id === attribute.body) values.set(property.body, pageText(data, page))
    else if (id === attribute.messageClass) values.set(property.messageClass, classOf(pageText(data, page)))
    else if (id === attribute.message) for (const [key, value] of reader().values()) values.set(key, value)
    else if (id === attribute.recipients) recipients = reader().rows()
    else if (id === attribute.attachmentBegins && attachments.length < maxAttachments)
      attachments.push({ values: new Map() })
    else if (id === attribute.attachmentName && last) last.set(property.shortFilename, pageText(data, page))
    else if (id === attribute.attachmentData && last) last.set(property.data, data)
    else if (id === attribute.attachment && last) for (const [key, value] of reader().values()) last.set(key, value)
    at = end + 2
  }
  return { values, recipients, attachments: attachments.map((each) => attachmentOf(each.values)) }
}

/** The name that a class had in the Microsoft Mail of before Outlook. */
function classOf(name: string): string {
  return name.startsWith('IPM.Microsoft Mail.') ? 'IPM.Note' : name
}

function attachmentOf(values: MapiValues): MapiAttachment {
  const data = values.get(property.data)
  const bytes = data instanceof Uint8Array ? data : undefined
  const inside = bytes?.subarray(interfaceBytes)
  const isMessage = numberOf(values, property.method) === embeddedMessage && inside !== undefined && isTnef(inside)
  return { values, isMessage, bytes: () => (isMessage || isObject(bytes) ? inside : bytes) }
}

/** `IID_IStorage`: a compound file follows. */
function isObject(bytes: Uint8Array | undefined): boolean {
  return bytes?.[0] === 0x0b && bytes[8] === 0xc0 && bytes[15] === 0x46 && bytes[16] === 0xd0
}

/** Lists of properties ([MS-OXTNEF] 2.1.3.4). Ends quietly where they are cut or broken. */
class PropertyReader {
  readonly #view: DataView
  readonly #end: number
  readonly #page: number
  #at: number

  constructor(view: DataView, start: number, end: number, page: number) {
    this.#view = view
    this.#at = start
    this.#end = end
    this.#page = page
  }

  rows(): MapiValues[] {
    const rows: MapiValues[] = []
    try {
      for (let left = Math.min(this.#word(), mostPeople); left > 0 && this.#at < this.#end; left--)
        rows.push(this.values())
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    return rows
  }

  values(): Map<number | string, MapiValue> {
    const values = new Map<number | string, MapiValue>()
    try {
      for (let left = this.#word(); left > 0 && this.#at < this.#end; left--) this.#property(values)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    return values
  }

  #property(values: Map<number | string, MapiValue>): void {
    const tag = this.#word()
    const type = tag & 0xffff
    const key = tag >>> 16 < 0x8000 ? tag >>> 16 : this.#name()
    const isMany = (type & 0x1000) !== 0
    const kind = type & 0xefff
    const isLong = kind === 0x1e || kind === 0x1f || kind === 0x0102 || kind === 0x0d
    const count = isMany || isLong ? this.#word() : 1
    for (let n = 0; n < count; n++) {
      const value = isLong ? this.#long(kind) : this.#short(kind)
      if (key !== undefined && value !== undefined && n === 0 && !isMany) values.set(key, value)
    }
  }

  #name(): string | undefined {
    const guid = this.#view.getUint32(this.#at, true)
    this.#skip(16)
    if (this.#word() === 0) return named(guid, this.#word())
    this.#skip(this.#word())
    return undefined
  }

  #long(kind: number): MapiValue {
    const length = this.#word()
    const start = this.#at
    this.#skip(length)
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length)
    return kind === 0x1e ? pageText(bytes, this.#page) : kind === 0x1f ? pageText(bytes, 1200) : bytes
  }

  #short(kind: number): number | undefined {
    const start = this.#at
    const size = kind === 0x48 ? 16 : wide.has(kind) ? 8 : 4
    this.#skip(size)
    return fixedValue(this.#view, start, kind)
  }

  #word(): number {
    const start = this.#at
    this.#skip(4)
    return this.#view.getUint32(start, true)
  }

  /** Values lie at multiples of four bytes. */
  #skip(length: number): void {
    if (length > this.#end - this.#at) throw new RangeError('A property goes past its list')
    this.#at += Math.ceil(length / 4) * 4
  }
}

/** Types of eight bytes. */
const wide: ReadonlySet<number> = new Set([0x05, 0x06, 0x07, 0x14, 0x40])
