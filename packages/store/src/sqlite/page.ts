import type { Page, PageRequest } from '../store.ts'
import type { Param } from './connection.ts'

/** The end of a list's SQL, after a WHERE: one row more than asked for tells whether there is a next page. */
export function keyset(
  request: PageRequest,
  column: string,
  order: 'ASC' | 'DESC' = 'ASC',
): { readonly sql: string; readonly values: readonly Param[] } {
  const position = request.after === undefined ? Number.NaN : Number.parseInt(request.after, 36)
  const keyed = !Number.isNaN(position)
  return {
    sql: `${keyed ? `AND ${column} ${order === 'ASC' ? '>' : '<'} ?` : ''} ORDER BY ${column} ${order} LIMIT ? OFFSET ?`,
    values: [...(keyed ? [position] : []), request.limit + 1, keyed ? 0 : (request.offset ?? 0)],
  }
}

/** Turns the rows of a {@link keyset} list into a page. */
export function page<Row extends { readonly no: number }, T>(
  rows: readonly Row[],
  request: PageRequest,
  total: number,
  convert: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, request.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map(convert),
    total,
    ...(rows.length > request.limit && last !== undefined ? { next: last.no.toString(36) } : {}),
  }
}
