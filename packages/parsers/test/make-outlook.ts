import { compoundOf } from './make-documents.ts'

/** Property types ([MS-OXCDATA] 2.11.1) by the kinds of values given below. */
export interface OutlookParts {
  /** Text in UTF-16, bytes as they are, numbers as 32 bits, dates as times. */
  readonly values?: Readonly<Record<number, string | Uint8Array | number | Date>>
  /** Text in a code page. */
  readonly narrow?: Readonly<Record<number, Uint8Array>>
  /** Named properties: the beginning of the set's GUID, the name, the value. */
  readonly named?: readonly (readonly [guid: number, name: number, value: string | Date | number])[]
  readonly recipients?: readonly OutlookParts[]
  readonly attachments?: readonly (OutlookParts & { readonly message?: OutlookParts; readonly object?: Streams })[]
}

type Streams = Record<string, Uint8Array>

/** A small Outlook message. */
export function outlookOf(parts: OutlookParts): Uint8Array {
  const streams: Streams = {}
  write(streams, '', parts, 32)
  const guids = Buffer.alloc((parts.named ?? []).length * 16)
  const list = Buffer.alloc((parts.named ?? []).length * 8)
  for (const [n, [guid, name]] of (parts.named ?? []).entries()) {
    guids.writeUInt32LE(guid, n * 16)
    list.writeUInt32LE(name, n * 8)
    list.writeUInt16LE((n + 3) << 1, n * 8 + 4)
    list.writeUInt16LE(n, n * 8 + 6)
  }
  streams['__nameid_version1.0/__substg1.0_00020102'] = guids
  streams['__nameid_version1.0/__substg1.0_00030102'] = list
  return compoundOf(streams)
}

function write(streams: Streams, folder: string, parts: OutlookParts, header: number): void {
  const fixed: Buffer[] = [Buffer.alloc(header)]
  const put = (id: number, value: string | Uint8Array | number | Date): void => {
    const hex = id.toString(16).padStart(4, '0').toUpperCase()
    if (typeof value === 'string') streams[`${folder}__substg1.0_${hex}001F`] = Buffer.from(value, 'utf16le')
    else if (value instanceof Uint8Array) streams[`${folder}__substg1.0_${hex}0102`] = value
    else fixed.push(fixedEntry(id, value))
  }
  for (const [id, value] of Object.entries(parts.values ?? {})) put(Number(id), value)
  for (const [n, [, , value]] of (parts.named ?? []).entries()) put(0x8000 + n, value)
  for (const [id, bytes] of Object.entries(parts.narrow ?? {}))
    streams[`${folder}__substg1.0_${Number(id).toString(16).padStart(4, '0').toUpperCase()}001E`] = bytes
  for (const [n, each] of (parts.recipients ?? []).entries())
    write(streams, `${folder}__recip_version1.0_#0000000${n}/`, each, 8)
  for (const [n, each] of (parts.attachments ?? []).entries()) {
    const inside = `${folder}__attach_version1.0_#0000000${n}/`
    const kind = each.message === undefined ? (each.object === undefined ? 1 : 6) : 5
    write(streams, inside, { ...each, values: { ...each.values, 14085: kind } }, 8)
    if (each.message !== undefined) write(streams, `${inside}__substg1.0_3701000D/`, each.message, 24)
    for (const [name, bytes] of Object.entries(each.object ?? {}))
      streams[`${inside}__substg1.0_3701000D/${name}`] = bytes
  }
  streams[`${folder}__properties_version1.0`] = Buffer.concat(fixed)
}

function fixedEntry(id: number, value: number | Date): Buffer {
  const entry = Buffer.alloc(16)
  entry.writeUInt16LE(value instanceof Date ? 0x0040 : 0x0003, 0)
  entry.writeUInt16LE(id, 2)
  if (value instanceof Date) entry.writeBigUInt64LE(BigInt(value.getTime() + 11_644_473_600_000) * 10_000n, 8)
  else entry.writeInt32LE(value, 8)
  return entry
}
