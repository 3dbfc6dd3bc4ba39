const maxColumns = 256

/** Cells by their rows: not every program writes them in order. */
export class XlsRows {
  readonly #rows = new Map<number, string[]>()
  #last = -1
  #cells: string[] = []
  #inOrder = true

  /** How many rows have anything in them. */
  get length(): number {
    return this.#rows.size
  }

  put(row: number, column: number, text: string): void {
    if (text === '' || column >= maxColumns) return
    if (row !== this.#last) {
      const known = this.#rows.get(row)
      if (row < this.#last) this.#inOrder = false
      this.#cells = known ?? []
      this.#last = row
      if (!known) this.#rows.set(row, this.#cells)
    }
    this.#cells[column] = text
  }

  /** From the first row to the last; empty ones are left out. */
  each(hear: (row: number, cells: readonly string[]) => void): void {
    const rows = this.#inOrder ? this.#rows : [...this.#rows].sort(([a], [b]) => a - b)
    for (const [row, cells] of rows) hear(row, cells)
  }
}
