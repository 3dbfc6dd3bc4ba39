import type { Region } from './judge.ts'
import { type Cell, type Row, textOf, tightStep } from './rows.ts'
import type { Run } from './runs.ts'

/** Lines nearer than this stand beside each other; in heights of their letters. */
const besideStep = 0.9

/** The texts of a table's cells; lines that go on in the cell above are put to it. */
export function gridOf(region: Region, rows: readonly Row[], order: ReadonlyMap<Run, number>): string[][] {
  const grid: string[][] = []
  let above: (Cell | undefined)[] = []
  let rightToLeft = 0
  for (let at = region.from; at < region.to; at++) {
    const row = rows[at]!
    const cells: (Cell | undefined)[] = new Array<Cell | undefined>(region.columns).fill(undefined)
    const texts = new Array<string>(region.columns).fill('')
    row.cells.forEach((cell, index) => {
      const place = region.places[at - region.from]![index]!
      cells[place] ??= cell
      texts[place] = joined(texts[place]!, textOf(cell.runs), false)
      rightToLeft += cell.runs[0]!.rtl ? 1 : -1
    })
    const last = grid.at(-1)
    if (last !== undefined && goesOn(region, rows[at - 1]!, row, above, cells, order)) {
      cells.forEach((cell, place) => {
        if (cell === undefined) return
        last[place] = joined(last[place]!, texts[place]!, above[place]?.runs.at(-1)?.hyphen === true)
        above[place] = cell
      })
    } else {
      grid.push(texts)
      above = cells
    }
  }
  return rightToLeft > 0 ? grid.map((texts) => texts.toReversed()) : grid
}

function joined(before: string, text: string, hyphen: boolean): string {
  if (before === '') return text
  return hyphen && /^\p{Ll}/u.test(text) ? before.slice(0, -1) + text : `${before} ${text}`
}

/** A cell of this row was written right behind the one above it, or it is the only one and close below. */
function goesOn(
  { isByColumn }: Region,
  aboveRow: Row,
  row: Row,
  above: readonly (Cell | undefined)[],
  cells: readonly (Cell | undefined)[],
  order: ReadonlyMap<Run, number>,
): boolean {
  const step = aboveRow.bottom - row.bottom
  if (step > Math.max(row.size, aboveRow.size) * tightStep) return false
  // Beside a cell of two lines, in the middle of its height.
  if (step < Math.min(row.size, aboveRow.size) * besideStep && cells.every((cell, place) => !cell || !above[place]))
    return true
  if (row.cells.length === 1 && cells[0] === undefined) return true
  if (isByColumn) return false
  return cells.some((cell, place) => {
    const upper = above[place]
    return (
      cell !== undefined && upper !== undefined && order.get(cell.runs[0]!) === (order.get(upper.runs.at(-1)!) ?? 0) + 1
    )
  })
}
