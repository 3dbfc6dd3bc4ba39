import { type CompoundFile, type Entry, openCompoundFile } from '../cfb.ts'
import { FormatError, type Limits } from '../format.ts'
import { writeCompound } from './compound-writer.ts'
import {
  fixedValue,
  type MapiAttachment,
  type MapiItem,
  type MapiValue,
  type MapiValues,
  named,
  narrowPage,
  numberOf,
  pageText,
  property,
} from './mapi.ts'

type Folders = ReadonlyMap<number, readonly Entry[]>

/** A mail to a thousand people has a storage with about twenty streams for each. */
const streamsPerDocument = 20
const [string8, unicode, binary] = [0x1e, 0x1f, 0x0102] as const
const embeddedMessage = 5

/** Reads an Outlook message ([MS-OXMSG]). What is damaged is left out; throws FormatError where nothing can be read. */
export function readMsgFile(bytes: Uint8Array, limits: Limits): MapiItem {
  const file = openCompoundFile(bytes, { ...limits, maxEntries: limits.maxEntries * streamsPerDocument })
  return new MsgFile(file, limits.maxInflatedBytes).item()
}

class MsgFile {
  readonly #file: CompoundFile
  readonly #folders: Folders
  readonly #names: ReadonlyMap<number, string>
  /** Damaged entries may all lead to the same bytes. */
  #left: number

  constructor(file: CompoundFile, maxBytes: number) {
    this.#file = file
    this.#folders = file.folders()
    this.#left = maxBytes
    this.#names = this.#namedProperties()
  }

  item(): MapiItem {
    // Where the directory is damaged, nothing may lead to the text.
    const lost = (this.#folders.get(-1) ?? []).filter(({ name }) => content.test(name))
    const root = [...(this.#folders.get(0) ?? []), ...lost]
    const values = this.#values(root, 32)
    const page = narrowPage(values)
    const within = (prefix: string): { folder: number; values: MapiValues }[] =>
      root
        .filter(({ type, name }) => type === 1 && name.startsWith(prefix))
        .map(({ id }) => ({ folder: id, values: this.#values(this.#folders.get(id) ?? [], 8, page) }))
    const recipients = within('__recip_version1.0_').map((each) => each.values)
    const attachments = within('__attach_version1.0_').map((each) => this.#attachment(each.folder, each.values))
    if (values.size + recipients.length + attachments.length === 0)
      throw new FormatError('corrupt', 'The message has no part that can be read')
    return { values, recipients, attachments }
  }

  #attachment(folder: number, values: MapiValues): MapiAttachment {
    const data = values.get(property.data)
    const inner = this.#folders.get(folder)?.find(({ type, name }) => type === 1 && name.startsWith('__substg1.0_3701'))
    const isMessage = inner !== undefined && numberOf(values, property.method) === embeddedMessage
    return {
      values,
      isMessage,
      bytes: () => {
        if (inner === undefined) return data instanceof Uint8Array ? data : undefined
        const names = isMessage ? this.#folders.get(0)?.find(({ name }) => name === nameMap) : undefined
        return writeCompound(this.#folders, inner.id, (entry) => this.#read(entry) ?? none, names)
      },
    }
  }

  /** `header` is how many bytes stand before the list of properties with values of a fixed size (2.4.1). */
  #values(entries: readonly Entry[], header: number, outerPage?: number): MapiValues {
    const values = new Map<number | string, MapiValue>()
    const keyOf = (id: number): number | string | undefined => (id < 0x8000 ? id : this.#names.get(id))
    const list = entries.find(({ type, name }) => type === 2 && name === '__properties_version1.0')
    const fixed = (list && this.#read(list)) ?? none
    const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength)
    // That of a message in a message is 24 bytes long.
    for (let at = header - (header === 32 && fixed.length % 16 === 8 ? 8 : 0); at + 16 <= fixed.length; at += 16) {
      const key = keyOf(view.getUint16(at + 2, true))
      const value = fixedValue(view, at + 8, view.getUint16(at, true))
      if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value)
    }
    const page = outerPage ?? narrowPage(values)
    for (const entry of entries.filter(isProperty)) {
      const id = Number.parseInt(entry.name.slice(12, 16), 16)
      const type = Number.parseInt(entry.name.slice(16, 20), 16)
      const key = keyOf(id)
      if (key === undefined || values.has(key) || (type !== string8 && type !== unicode && type !== binary)) continue
      const bytes = this.#read(entry)
      if (bytes !== undefined)
        values.set(key, type === binary ? bytes : pageText(bytes, type === unicode ? 1200 : page))
    }
    return values
  }

  /** Which names the ids from 8000 on stand for (2.2.3); of the outermost message, for all within. */
  #namedProperties(): ReadonlyMap<number, string> {
    const names = new Map<number, string>()
    const folder = this.#folders.get(0)?.find(({ type, name }) => type === 1 && name === nameMap)
    const streams = folder === undefined ? [] : (this.#folders.get(folder.id) ?? [])
    const read = (id: string): DataView => {
      const entry = streams.find(({ name }) => name === `__substg1.0_${id}0102`)
      const bytes = (entry && this.#read(entry)) ?? none
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const guids = read('0002')
    const list = read('0003')
    for (let at = 0; at + 8 <= list.byteLength; at += 8) {
      const kind = list.getUint16(at + 4, true)
      // The first three sets are not in the list.
      const guid = ((kind >> 1) - 3) * 16
      const name =
        (kind & 1) === 0 && guid >= 0 && guid + 16 <= guids.byteLength
          ? named(guids.getUint32(guid, true), list.getUint32(at, true))
          : undefined
      if (name !== undefined) names.set(0x8000 + list.getUint16(at + 6, true), name)
    }
    return names
  }

  /** Undefined for a damaged stream, which costs only itself. */
  #read(entry: Entry): Uint8Array | undefined {
    let bytes: Uint8Array
    try {
      bytes = this.#file.read(entry)
    } catch {
      return undefined
    }
    this.#left -= bytes.length
    if (this.#left >= 0) return bytes
    throw new FormatError('too_large', 'Its parts hold more bytes than may be read of one document')
  }
}

/** Subject and body in each of its forms. */
const content = /^__substg1\.0_(0037|1000|1009|1013)/
const none = new Uint8Array(0)
const nameMap = '__nameid_version1.0'

function isProperty({ type, name }: Entry): boolean {
  return type === 2 && name.startsWith('__substg1.0_') && name.length === 20
}
