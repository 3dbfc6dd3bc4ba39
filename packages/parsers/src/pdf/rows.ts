import { isItemMarker } from './markers.ts'
import { type Run, splitRun, wideGap } from './runs.ts'

/** What stands on one height between two wide gaps. */
export interface Cell {
  readonly runs: Run[]
  left: number
  right: number
}

/** Everything on one height of a stretch of text, from left to right. */
export interface Row {
  readonly cells: Cell[]
  top: number
  bottom: number
  readonly size: number
}

/** A jump up over more than so many lines begins another stretch: a column, a box, what is printed on every page. */
const stretchJump = 12
/** From line to line of one cell at most, in heights of the letters. */
export const tightStep = 1.55
/** A gap parts a line when it is so much wider than those between its words. */
export const spaceFactor = 1.9
const currencies = '$€£¥₩₹'
/** The sign of a currency this far behind an amount belongs to the next one; in heights of the letters. */
const currencyGap = 0.4

/** Cuts runs into stretches that are looked at by themselves, so that columns do not get into each other's rows. */
export function stretches(runs: readonly Run[]): Run[][] {
  const found: Run[][] = []
  let last: Run | undefined
  for (const run of runs) {
    const cut =
      last === undefined || run.bottom - last.bottom > stretchJump * Math.max(Math.min(run.size, last.size), 1)
    if (cut) found.push([run])
    else found.at(-1)!.push(run)
    last = run
  }
  return found
}

/** Runs by their height, from the top, and in a row from the left; of right-to-left text cells go the other way. */
export function rowsOf(runs: readonly Run[]): Row[] {
  const middle = (run: Run): number => run.top + run.bottom
  const sorted = runs.toSorted((a, b) => middle(b) - middle(a))
  const rows: { runs: Run[]; top: number; bottom: number; size: number }[] = []
  for (const run of sorted) {
    const row = rows.at(-1)
    const overlap = row === undefined ? 0 : Math.min(row.top, run.top) - Math.max(row.bottom, run.bottom)
    if (row !== undefined && overlap >= Math.min(row.top - row.bottom, run.top - run.bottom) * 0.5) row.runs.push(run)
    else rows.push({ runs: [run], top: run.top, bottom: run.bottom, size: run.size })
  }
  return rows.map(({ runs: own, top, bottom, size }) => ({ cells: cellsOf(own), top, bottom, size }))
}

function cellsOf(runs: Run[]): Cell[] {
  runs.sort((a, b) => a.left - b.left)
  // In loosely justified lines the words stand as far apart as cells do.
  const wide = runs.length > 1 ? leastSpace(runs) * spaceFactor : 0
  const cells: Cell[] = []
  for (const run of runs) {
    const cell = cells.at(-1)
    const gap = cell === undefined ? 0 : run.left - cell.right
    const most =
      cell !== undefined && leadsOn(cell.runs.at(-1)!)
        ? 5 * run.size
        : isCurrency(run)
          ? run.size * currencyGap
          : Math.max(run.size * wideGap, Math.min(wide, run.size * 2))
    if (cell !== undefined && gap < most) {
      cell.runs.push(run)
      if (run.right > cell.right) cell.right = run.right
    } else cells.push({ runs: [run], left: run.left, right: run.right })
  }
  return cells
}

/** The narrowest space between words; nothing where there is none. */
export function leastSpace(runs: readonly Run[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const { spaces } of runs)
    for (let at = 0; at < spaces.length; at += 3) least = Math.min(least, spaces[at + 2]! - spaces[at + 1]!)
  return least === Number.POSITIVE_INFINITY ? 0 : least
}

/** The sign of a currency belongs to the amount behind it, a number or a bullet to its item. */
function leadsOn(run: Run): boolean {
  return isCurrency(run) || isItemMarker(run.text)
}

function isCurrency({ text }: Run): boolean {
  return text.length === 1 && currencies.includes(text)
}

/** Cuts the sign of a currency off that stands at the end of the amount before. */
export function cutCurrency(run: Run): readonly Run[] {
  const { text, spaces } = run
  if (spaces.length === 0 || text[text.length - 2] !== ' ' || !currencies.includes(text[text.length - 1]!)) return [run]
  if (spaces.at(-1)! - spaces.at(-2)! < run.size * currencyGap) return [run]
  return splitRun(run, run.spaces.length - 3) ?? [run]
}

/** Runs of one height as text. */
export function textOf(runs: readonly Run[]): string {
  let text = ''
  let last: Run | undefined
  const isFromRight = runs.length > 1 && runs.filter(({ rtl }) => rtl).length * 2 > runs.length
  const ordered = isFromRight ? runs.toSorted((a, b) => b.right - a.right) : runs
  for (const run of ordered) {
    const gap = last === undefined ? 0 : isFromRight ? last.left - run.right : run.left - last.right
    const glued = last !== undefined && !run.spaced && Math.abs(gap) < run.size * 0.15
    text += text === '' || glued ? run.text : ` ${run.text}`
    last = run
  }
  return hasLeader(text) ? text.replace(/(?: ?\.){4,} ?/g, leader).trim() : text
}

/** What the dots become. */
const leader = ' … '

/** Dots that lead from a title to its page. */
export function hasLeader(text: string): boolean {
  return text.includes('. . . .') || text.includes('.....')
}
