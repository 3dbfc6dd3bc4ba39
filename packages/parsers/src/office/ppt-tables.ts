/** A text in a table with where its cell lies. */
export interface PptCell {
  readonly text: string
  readonly left: number
  readonly top: number
}

const tableProperty = 0x039f
const propertyBytes = 6

/** Whether an array of drawing properties says that its group is a table ([MS-ODRAW] 2.3.4.37). */
export function saysTable(view: DataView, start: number, end: number, count: number): boolean {
  for (let n = 0, at = start; n < count && at + propertyBytes <= end; n++, at += propertyBytes)
    if ((view.getUint16(at, true) & 0x3fff) === tableProperty) return (view.getUint32(at + 2, true) & 1) === 1
  return false
}

/** Rows and columns by the places of the cells; what a merged cell covers stays empty. */
export function cellRows(cells: readonly PptCell[]): string[][] {
  const places = (of: (cell: PptCell) => number): ReadonlyMap<number, number> => {
    const sorted = [...new Set(cells.map(of))].sort((a, b) => a - b)
    return new Map(sorted.map((place, n) => [place, n]))
  }
  const [tops, lefts] = [places((cell) => cell.top), places((cell) => cell.left)]
  // Shapes strewn about are no table.
  if (tops.size * lefts.size > cells.length * 20) return cells.map(({ text }) => [text])
  const rows = Array.from({ length: tops.size }, () => new Array<string>(lefts.size).fill(''))
  for (const { text, left, top } of cells) rows[tops.get(top)!]![lefts.get(left)!] = text
  return rows
}
