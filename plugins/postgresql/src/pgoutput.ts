import type { KeyPart } from './path.ts'

/** Values by column name; a column that an update did not touch and that is stored apart (TOAST) is missing. */
export type Tuple = ReadonlyMap<string, KeyPart>

export interface RelationMessage {
  readonly kind: 'relation'
  readonly oid: string
  readonly columns: readonly { readonly name: string; readonly identifying: boolean }[]
}

export type Message =
  | RelationMessage
  | { readonly kind: 'begin'; readonly xid: number }
  | { readonly kind: 'commit'; readonly end: bigint }
  | { readonly kind: 'change'; readonly oid: string; readonly before?: Tuple; readonly after?: Tuple }
  | { readonly kind: 'truncate'; readonly oids: readonly string[] }

/**
 * Decodes pgoutput, protocol version 1: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 * Values stay the text they are, because keys are compared with what a listing returns.
 */
export class PgoutputDecoder {
  readonly #relations = new Map<string, RelationMessage>()

  /** One message, or undefined for kinds that change no row. */
  decode(data: Buffer): Message | undefined {
    const reader = new Reader(data)
    switch (reader.char()) {
      case 'B':
        reader.skip(16)
        return { kind: 'begin', xid: reader.uint32() }
      case 'C':
        reader.skip(9)
        return { kind: 'commit', end: reader.uint64() }
      case 'R': {
        const relation = readRelation(reader)
        this.#relations.set(relation.oid, relation)
        return relation
      }
      case 'I':
      case 'U':
      case 'D':
        return this.#change(reader)
      case 'T': {
        const count = reader.uint32()
        reader.skip(1)
        return { kind: 'truncate', oids: Array.from({ length: count }, () => String(reader.uint32())) }
      }
      default:
        return undefined
    }
  }

  #change(reader: Reader): Message {
    const oid = String(reader.uint32())
    const relation = this.#relations.get(oid)
    if (!relation) throw new Error(`pgoutput sent a change of relation ${oid} before describing it.`)
    const tuples: { before?: Tuple; after?: Tuple } = {}
    while (!reader.done) {
      const part = reader.char() === 'N' ? 'after' : 'before'
      tuples[part] = readTuple(reader, relation)
    }
    return { kind: 'change', oid, ...tuples }
  }
}

function readRelation(reader: Reader): RelationMessage {
  const oid = String(reader.uint32())
  reader.string()
  reader.string()
  reader.skip(1)
  const columns = Array.from({ length: reader.uint16() }, () => {
    const identifying = (reader.uint8() & 1) === 1
    const name = reader.string()
    reader.skip(8)
    return { name, identifying }
  })
  return { kind: 'relation', oid, columns }
}

function readTuple(reader: Reader, { columns }: RelationMessage): Tuple {
  const tuple = new Map<string, KeyPart>()
  const count = reader.uint16()
  for (let i = 0; i < count; i++) {
    const kind = reader.char()
    const name = columns[i]?.name
    if (name === undefined) throw new Error('pgoutput sent more values than the relation has columns.')
    if (kind === 'n') tuple.set(name, null)
    else if (kind === 't') tuple.set(name, reader.text(reader.uint32()))
    else if (kind !== 'u') throw new Error(`pgoutput sent a value of unknown kind ${JSON.stringify(kind)}.`)
  }
  return tuple
}

class Reader {
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  get done(): boolean {
    return this.#at >= this.#data.length
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  uint8(): number {
    return this.#data.readUInt8(this.#at++)
  }

  uint16(): number {
    this.#at += 2
    return this.#data.readUInt16BE(this.#at - 2)
  }

  uint32(): number {
    this.#at += 4
    return this.#data.readUInt32BE(this.#at - 4)
  }

  uint64(): bigint {
    this.#at += 8
    return this.#data.readBigUInt64BE(this.#at - 8)
  }

  char(): string {
    return String.fromCharCode(this.uint8())
  }

  text(bytes: number): string {
    this.#at += bytes
    return this.#data.toString('utf8', this.#at - bytes, this.#at)
  }

  string(): string {
    const text = this.text(this.#data.indexOf(0, this.#at) - this.#at)
    this.#at++
    return text
  }
}

/** As PostgreSQL writes a place in the WAL: `16/B374D848`. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase()
}

export function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}
