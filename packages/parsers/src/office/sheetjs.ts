import { read, type WorkBook } from '@e965/xlsx'
import { FormatError, type Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { GridWriter } from './grid.ts'
import { type NumberKind, numberKind, showNumber } from './number-format.ts'

/** Reads a workbook with SheetJS and writes its sheets; gives their number. For XLS before 97. */
export function writeWithSheetJs(bytes: Uint8Array, out: BlockWriter, limits: Limits): number {
  const book = readBook(bytes)
  const date1904 = book.Workbook?.WBProps?.date1904 === true
  const kinds = new Map<string, NumberKind>()
  const kindOf = (format: string): NumberKind => {
    const kind = kinds.get(format) ?? numberKind(format)
    kinds.set(format, kind)
    return kind
  }
  for (const name of book.SheetNames) {
    out.page()
    out.heading(2, name)
    const grid = new GridWriter(out)
    const comments: string[] = []
    const rows = book.Sheets[name]?.['!data'] ?? []
    rows.forEach((row, n) => {
      const cells: string[] = []
      row?.forEach((cell, column) => {
        if (!cell) return
        if (typeof cell.v === 'string') cells[column] = cell.v
        else if (typeof cell.v === 'number' && cell.t === 'n')
          cells[column] = showNumber(cell.v, kindOf(String(cell.z ?? '')), date1904)
        else if (typeof cell.v === 'boolean') cells[column] = cell.v ? 'TRUE' : 'FALSE'
        else if (cell.w !== undefined) cells[column] = cell.w
        for (const { t } of cell.c ?? [])
          if (t && comments.length < limits.maxEntries) comments.push(`> Comment: ${t.trim().split(/\s+/).join(' ')}`)
      })
      grid.row(n, cells)
    })
    grid.flush()
    for (const comment of comments) out.text(comment)
  }
  return book.SheetNames.length
}

/** SheetJS tells the console of every record that it does not know. */
function silently<T>(work: () => T): T {
  const { log, warn, error } = console
  console.log = console.warn = console.error = () => {}
  try {
    return work()
  } finally {
    Object.assign(console, { log, warn, error })
  }
}

function readBook(bytes: Uint8Array): WorkBook {
  try {
    return silently(() =>
      read(bytes, {
        type: 'array',
        dense: true,
        cellNF: true,
        cellText: false,
        cellFormula: false,
        cellHTML: false,
      }),
    )
  } catch (error) {
    // Not all that it throws is an Error.
    const message = error instanceof Error ? error.message : String(error)
    if (/password|encrypt/i.test(message))
      throw new FormatError('encrypted', 'The workbook is protected with a password')
    throw new FormatError('corrupt', `The workbook cannot be read: ${message.slice(0, 200)}`)
  }
}
