import { type Column, type Cuts, cutCells, nearest, placesOf, widen } from './columns.ts'
import { type Grown, isMulti, judge, leads, maxCells, minRows, type Region } from './judge.ts'
import { type Row, tightStep } from './rows.ts'

/** White space between two rows of one table at most, in heights of letters. */
const maxBlank = 3
const maxHeadRows = 12

/** Tables, and columns that are written across, of one stretch of text.  */
export function findRegions(rows: readonly Row[], cuts: Cuts, hasCode: boolean): Region[] {
  const regions: Region[] = []
  for (let at = 0; at < rows.length; ) {
    const grown = isMulti(rows[at]!) && !(hasCode && isCode(rows[at]!)) ? grow(rows, at, cuts, hasCode) : undefined
    const from = grown && growUp(rows, at, regions.at(-1)?.to ?? 0, grown.columns, cuts)
    const region = grown && judge(rows, from ?? at, grown, cuts.order)
    if (region !== undefined) regions.push(region)
    // What was looked at and refused is not looked at again from its second row.
    at = grown !== undefined && grown.to - at >= minRows ? grown.to : at + 1
  }
  return regions
}

function isCode({ cells }: Row): boolean {
  return cells.every(({ runs }) => runs.every(({ mono }) => mono))
}

/** Takes rows as long as each of their cells finds a column of its own. */
function grow(rows: readonly Row[], from: number, cuts: Cuts, hasCode: boolean): Grown {
  let columns = rows[from]!.cells.map(({ left, right }) => ({ left, right }))
  let to = from + 1
  let blank = 0
  for (let at = from + 1; at < rows.length; at++) {
    const row = rows[at]!
    const above = rows[at - 1]!
    if (
      above.bottom - row.top > maxBlank * Math.max(row.size, above.size) ||
      row.cells.length > maxCells ||
      columns.length > maxCells ||
      leads(row) ||
      (hasCode && isCode(row))
    )
      break
    let places = placesOf(columns, row)
    if (places === undefined && row.cells.length > 1) {
      cutCells(columns, row, cuts)
      places = placesOf(columns, row)
    }
    if (places === undefined) {
      // A line over several columns, a title between two parts of a table: only if a row follows.
      if (row.cells.length > 1 || ++blank > 1) break
      continue
    }
    if (row.cells.length === 1) {
      if (++blank > 3) break
      widen(columns, row, places)
      continue
    }
    blank = 0
    columns = widen(columns, row, places)
    to = at + 1
  }
  // The last cell may go on below.
  while (to < rows.length && rows[to]!.cells.length === 1 && isTight(rows[to - 1]!, rows[to]!)) {
    const place = placesOf(columns, rows[to]!)?.[0]
    if (place === undefined || place < 0 || (place === 0 && !isWrittenNext(rows[to - 1]!, rows[to]!, cuts))) break
    to++
  }
  return { to, columns }
}

/** The line below was written right behind the first cell above: what follows a table comes behind its last. */
function isWrittenNext(above: Row, below: Row, { order }: Cuts): boolean {
  const last = order.get(above.cells[0]!.runs.at(-1)!) ?? 0
  return order.get(below.cells[0]!.runs[0]!) === last + 1
}

/** Rows of the head stand closer, and their cells over more than one line. */
function growUp(rows: readonly Row[], from: number, least: number, columns: Column[], cuts: Cuts): number {
  let at = from
  for (; at > least && from - at < maxHeadRows; at--) {
    const row = rows[at - 1]!
    const step = row.bottom - rows[at]!.bottom
    if (step > Math.max(row.size, rows[at]!.size) * (at === from ? 2.8 : 1.8) || row.cells.length > maxCells) break
    if (leads(row)) break
    if (isMulti(row)) cutCells(columns, row, cuts)
    const places = placesOf(columns, row)
    if (places === undefined || places.includes(-1)) break
    widen(columns, row, places)
  }
  while (at < from && !isMulti(rows[at]!) && nearest(columns, rows[at]!.cells[0]!) === 0) at++
  return at
}

function isTight(above: Row, below: Row): boolean {
  return above.bottom - below.bottom < Math.max(above.size, below.size) * tightStep
}
