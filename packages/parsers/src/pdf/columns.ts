import type { Cell, Row } from './rows.ts'
import { type Run, splitRun } from './runs.ts'

/** From where to where the cells of a column reach, in points. */
export interface Column {
  left: number
  right: number
}

/** The column of each cell: -1 for a new one. Nothing when a cell lies in two, or two in one. */
export function placesOf(columns: readonly Column[], { cells, size }: Row): number[] | undefined {
  const places: number[] = []
  let last = -1
  for (const cell of cells) {
    let best = -1
    let most = 0
    let second = 0
    for (let index = Math.max(last, 0); index < columns.length; index++) {
      const column = columns[index]!
      if (column.left > cell.right) break
      const overlap = Math.min(column.right, cell.right) - Math.max(column.left, cell.left)
      if (overlap <= 0) continue
      const share = overlap / Math.max(Math.min(column.right - column.left, cell.right - cell.left), size)
      if (overlap > most) {
        second = Math.max(
          second,
          best === -1
            ? 0
            : most / Math.max(Math.min(columns[best]!.right - columns[best]!.left, cell.right - cell.left), size),
        )
        best = index
        most = overlap
      } else second = Math.max(second, share)
    }
    if (second > 0.3 || (best !== -1 && best === last)) return undefined
    if (best !== -1) last = best
    places.push(best)
  }
  return places
}

export function widen(columns: Column[], { cells }: Row, places: readonly number[]): Column[] {
  let added = false
  for (const [index, { left, right }] of cells.entries()) {
    const place = places[index]!
    if (place === -1) {
      columns.push({ left, right })
      added = true
      continue
    }
    const column = columns[place]!
    // Never into its neighbour.
    if (left < column.left && left > (columns[place - 1]?.right ?? Number.NEGATIVE_INFINITY)) column.left = left
    if (right > column.right && right < (columns[place + 1]?.left ?? Number.POSITIVE_INFINITY)) column.right = right
  }
  if (added) columns.sort((a, b) => a.left - b.left)
  return columns
}

/** The column a cell lies in most. */
export function nearest(columns: readonly Column[], cell: Column): number {
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let index = 0; index < columns.length; index++) {
    const overlap = Math.min(columns[index]!.right, cell.right) - Math.max(columns[index]!.left, cell.left)
    if (overlap > most) {
      best = index
      most = overlap
    }
  }
  return best
}

/** In which order runs were written, and of their parts which they were cut from. */
export interface Cuts {
  readonly order: Map<Run, number>
  readonly origins: Map<Run, Run>
}

/** Cuts cells of a row that reach over two columns at the space that lies between these. */
export function cutCells(columns: readonly Column[], row: Row, cuts: Cuts): void {
  const cells = row.cells.flatMap((cell) => cutCell(columns, cell, row.size, cuts))
  if (cells.length > row.cells.length) row.cells.splice(0, row.cells.length, ...cells)
}

function cutCell(columns: readonly Column[], cell: Cell, size: number, cuts: Cuts): Cell[] {
  const done: Run[][] = [[]]
  let rest = [...cell.runs]
  for (let index = 1; index < columns.length && rest.length > 0; index++) {
    const left = columns[index - 1]!.right - size * 0.3
    const right = columns[index]!.left + size * 0.3
    const last = rest.at(-1)!
    if (rest[0]!.left >= left || last.right <= right) continue
    const parts = cutRuns(rest, left, right, cuts)
    if (parts === undefined) continue
    done.at(-1)!.push(...parts[0])
    done.push([])
    rest = parts[1]
  }
  done.at(-1)!.push(...rest)
  return done.map((runs) => ({
    runs,
    left: runs[0]!.left,
    right: runs.reduce((most, run) => Math.max(most, run.right), runs[0]!.right),
  }))
}

/** At the space between `left` and `right` that is nearest to where the one column ends or the other begins. */
function cutRuns(runs: readonly Run[], left: number, right: number, cuts: Cuts): [Run[], Run[]] | undefined {
  let best = Number.POSITIVE_INFINITY
  let place: { readonly index: number; readonly at: number } | undefined
  const consider = (end: number, start: number, index: number, at: number): void => {
    const distance = Math.min(Math.abs(end - left), Math.abs(start - right))
    if (end > right || start < left || distance >= best) return
    best = distance
    place = { index, at }
  }
  for (const [index, run] of runs.entries()) {
    for (let at = 0; at < run.spaces.length; at += 3) consider(run.spaces[at + 1]!, run.spaces[at + 2]!, index, at)
    const next = runs[index + 1]
    if (next !== undefined) consider(run.right, next.left, index, -1)
  }
  if (place === undefined) return undefined
  const { index, at } = place
  if (at === -1) return [runs.slice(0, index + 1), runs.slice(index + 1)]
  const run = runs[index]!
  const parts = splitRun(run, at)
  if (parts === undefined) return undefined
  for (const part of parts) {
    cuts.origins.set(part, cuts.origins.get(run) ?? run)
    cuts.order.set(part, cuts.order.get(run) ?? 0)
  }
  return [
    [...runs.slice(0, index), parts[0]],
    [parts[1], ...runs.slice(index + 1)],
  ]
}
