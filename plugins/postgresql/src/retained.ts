import type { Row } from './transaction.ts'

/**
 * The documents of rows without a key, kept from their listing until they are read: finding such a row again takes a
 * scan. The oldest go first when `maxBytes` is reached.
 */
export class Retained {
  readonly #maxBytes: number
  readonly #rows = new Map<string, { readonly row: Row; readonly bytes: number }>()
  #bytes = 0

  constructor(maxBytes = 16_777_216) {
    this.#maxBytes = maxBytes
  }

  keep(id: string, row: Row): void {
    this.take(id)
    const bytes = row.reduce((sum, value) => sum + 16 + (value?.length ?? 0) * 2, id.length * 2)
    this.#rows.set(id, { row, bytes })
    this.#bytes += bytes
    for (const oldest of this.#rows.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.take(oldest)
    }
  }

  take(id: string): Row | undefined {
    const found = this.#rows.get(id)
    if (!found) return undefined
    this.#rows.delete(id)
    this.#bytes -= found.bytes
    return found.row
  }
}
